import { type Reporter, type TestModule } from 'vitest/node'

/**
 * Closes a run with one plain line, `12 passed, 0 failed` (and `, 1 skipped`), for machines and
 * hurried people. What failed outside any test counts as a failure too: a file that could not be
 * loaded, a hook of a group, an unhandled error. So the line says `0 failed` only if the run did
 * not fail.
 */
export default class ClosingLineReporter implements Reporter {
  #line = '0 passed, 0 failed'

  /** The line waits for the process to end: after the summary, and after every late message. */
  onInit(): void {
    process.once('exit', () => process.stdout.write(`${this.#line}\n`))
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#line = closingLine(modules, unhandledErrors.length)
  }
}

function closingLine(modules: readonly TestModule[], unhandledErrors: number): string {
  const count = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // A test that never ran (interrupted, or its hook broke) proved nothing.
      count[state === 'pending' ? 'skipped' : state] += 1
    }
    count.failed += module.errors().length
    for (const suite of module.children.allSuites()) count.failed += suite.errors().length
  }
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
  return `${count.passed} passed, ${count.failed} failed${skipped}`
}
