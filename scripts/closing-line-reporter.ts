import { type Reporter, type TestModule } from 'vitest/node'

type Count = { passed: number; failed: number; skipped: number }

/**
 * Closes a run with one plain line, `12 passed, 0 failed` (and `, 1 skipped`), for machines and
 * hurried people. What failed outside any test counts as a failure too: a file that could not be
 * loaded, a hook of a group, an unhandled error, the database that did not start. So the line
 * says `0 failed` only if the run did not fail.
 */
export default class ClosingLineReporter implements Reporter {
  #count: Count = { passed: 0, failed: 0, skipped: 0 }

  /** The line waits for the process to end: after the summary, and after every late message. */
  onInit(): void {
    process.once('exit', (code) => {
      const { passed, failed, skipped } = this.#count
      // Set-up and tear-down of the whole run have no test to fail; only the exit code tells.
      const failures = failed === 0 && code !== 0 ? 1 : failed
      const tail = skipped > 0 ? `, ${skipped} skipped` : ''
      process.stdout.write(`${passed} passed, ${failures} failed${tail}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count: Count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        // A test that never ran (interrupted, or its hook broke) proved nothing.
        count[state === 'pending' ? 'skipped' : state] += 1
      }
      count.failed += module.errors().length
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length
    }
    this.#count = count
  }
}
