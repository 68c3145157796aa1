/** A process of our own for what must not sit on the server's event loop; it ends with us, whatever happens. */
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export type Child = {
  /** Sends one message and waits for its answer; one at a time. */
  readonly ask: <Answer>(question: object) => Promise<Answer>
  readonly end: () => Promise<void>
}

/** @param file beside this one; it answers each message with one of its own (`answering`). */
export function startChild(file: string): Child {
  const child = fork(join(import.meta.dirname, file), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    ask: <Answer>(question: object) =>
      new Promise<Answer>((resolve, reject) => {
        const leave = () => {
          child.off('message', answered)
          child.off('exit', ended)
        }
        const answered = (message: Reply) => {
          leave()
          if ('fault' in message) reject(new Error(`${file}: ${message.fault}`))
          else resolve(message.answer as Answer)
        }
        const ended = () => {
          leave()
          reject(new Error(`${file} ended without an answer`))
        }
        child.once('message', answered as (message: unknown) => void)
        child.once('exit', ended)
        child.send(question)
      }),
    end: () => ended(child),
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    // The child's answer to it is to end; see `answering`.
    child.disconnect()
  })
}

type Reply = { readonly answer: unknown } | { readonly fault: string }

/** The child's side. The process ends when its parent lets go or is gone. */
export function answering<Question>(answer: (question: Question) => Promise<unknown>): void {
  const reply = (message: Reply) => process.send?.(message)
  process.on('message', (question) => {
    answer(question as Question).then(
      (given) => reply({ answer: given ?? null }),
      (error: unknown) => reply({ fault: error instanceof Error ? error.message : String(error) }),
    )
  })
  // The terminal sends it to all of us; the parent ends us in its own order.
  process.on('SIGINT', () => undefined)
  process.once('disconnect', () => process.exit())
}
