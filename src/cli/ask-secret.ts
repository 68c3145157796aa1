/** What must stand neither on the screen nor in the list of processes nor in the shell's history. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** One line, not shown while it is typed; from a pipe, its first line. Empty when there is none. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: unseen, terminal: stdin.isTTY })
  if (stdin.isTTY) stderr.write(question)
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (stdin.isTTY) stderr.write('\n')
  }
}
