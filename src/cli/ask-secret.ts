/** What must stand neither on the screen nor in the list of processes nor in the shell's history. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** One line, not shown while it is typed; from a pipe, its first line. Empty when there is none. */
export async function askSecret(question: string): Promise<string> {
  const isTyped = process.stdin.isTTY
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: isTyped })
  if (isTyped) process.stderr.write(question)
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (isTyped) process.stderr.write('\n')
  }
}
