import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { FAULT_KINDS, OPERATIONS } from '../../sandbox/faults.ts'
import { startSandbox } from '../../sandbox/main.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

/** Names a table of the page lists in the first column, from the heading that its rows follow. */
const firstColumn = (page: string, heading: string): readonly string[] => {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`)).split('\n## ')[1] ?? ''
  const cells = [...section.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
}

describe.each([
  ['docs/sandbox.md', 'Faults', 'Settings'],
  ['docs/sandbox.zh-CN.md', '故障', '设置'],
])('%s', (path, faults, settings) => {
  test('lists every kind of fault and every place for one', async () => {
    const page = await read(path)
    expect(firstColumn(page, faults).toSorted()).toEqual([...FAULT_KINDS].toSorted())
    for (const operation of OPERATIONS) expect(page).toContain(`\`${operation}\``)
  })

  test('lists exactly the settings whose comment says that they are unconfirmed', async () => {
    const source = await read('sandbox/settings.ts')
    const marked = [...source.matchAll(/UNCONFIRMED.*\*\/\n {2}(\w+):/g)].map(
      ([, name = '']) => name,
    )
    expect(marked.length).toBeGreaterThan(10)
    expect(firstColumn(await read(path), settings).toSorted()).toEqual(marked.toSorted())
  })

  test('its example runs and prints what the page says', async () => {
    const [, example = ''] = /```js\n(.*?)```/s.exec(await read(path)) ?? []
    const sandbox = await startSandbox({ plainHttpPort: 0 })
    sandbox.createCustomer()
    const code = example.replace('http://127.0.0.1:8080', String(sandbox.plainUrl))
    const cwd = new URL('../../', import.meta.url)
    const args = ['--input-type=commonjs', '--eval', code]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
    await sandbox.close()
    const printed = /^paid SUCCESS 42\d{26}\nrefund PROCESSING\nquery SUCCESS 1200\nbook 1200\n$/
    expect(stdout).toMatch(printed)
  })
})
