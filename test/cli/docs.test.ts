import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

test.each(['docs/operations.md', 'docs/operations.zh-CN.md'])(
  '%s lists every setting that is read, and no other',
  async (path) => {
    const source = await read('src/config.ts')
    const names = [...source.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(15)
    const rows = (await read(path)).split('\n## ')[1] ?? ''
    const cells = [...rows.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell)
    const told = cells.flatMap((cell) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(told.toSorted()).toEqual([...new Set(names)].toSorted())
  },
)

test('both languages of a page give the same commands', async () => {
  for (const page of ['docs/shop', 'docs/operations', 'README']) {
    const [en, zh] = await Promise.all([read(`${page}.md`), read(`${page}.zh-CN.md`)])
    expect(commandsOf(zh), page).toEqual(commandsOf(en))
  }
})

/** The fenced blocks, without their comments and without words for people. */
const commandsOf = (page: string): string[] =>
  [...page.matchAll(/```(?:sh|sql|ini)\n(.*?)```/gs)].map(([, block = '']) =>
    block.replaceAll(/(#|--) .*$/gm, '').replaceAll(/"description":"[^"]*"/g, ''),
  )
