import { defineConfig } from 'vitest/config'

const WALLS = 'test/architecture.test.ts'

export default defineConfig({
  test: {
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    // A process per file: files share one PostgreSQL server but nothing in memory.
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        // Reads files only; apart, so that `npm run check` need not start PostgreSQL.
        extends: true,
        test: { name: 'walls', include: [WALLS] },
      },
      {
        extends: true,
        test: {
          name: 'node',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'sandbox/**/*.test.ts'],
          exclude: [WALLS],
          globalSetup: ['./test/support/global-setup.ts'],
        },
      },
      {
        // What people see: the built apps in a real Chromium.
        extends: true,
        test: {
          name: 'browser',
          include: ['e2e/**/*.test.ts', 'web/**/*.test.ts'],
          globalSetup: ['./test/support/global-setup.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
})
