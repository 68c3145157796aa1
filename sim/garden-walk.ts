/** `npm run garden -- [--most 200]`: plants each fault in a copy of the code and counts the stories until it is found. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FULL_SIZE, type Story } from './gated.ts'
import { GARDEN, type Plant } from './garden.ts'
import { openHome, type Home } from './home.ts'
import { openPlayers } from './players.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COPIED = ['src', 'sandbox', 'sim', 'test/support', 'package.json']

const { values } = parseArgs({
  options: { most: { type: 'string', default: '200' }, only: { type: 'string' } },
})

type Found = { readonly seeds: number; readonly promise: string } | null

/** @returns a copy of the code with the fault in it. */
async function plant({ name, file, from, to }: Plant): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yuanlu-garden-'))
  for (const path of COPIED) await cp(join(ROOT, path), join(folder, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const source = await readFile(join(folder, file), 'utf8')
  if (source.split(from).length !== 2) throw new Error(`${name}: ${file} does not say it once`)
  await writeFile(
    join(folder, file),
    source.replace(from, () => to),
  )
  return folder
}

async function look(home: Home, each: Plant, most: number): Promise<Found> {
  const folder = await plant(each)
  const many = availableParallelism()
  const players = await openPlayers(home, many, join(folder, 'sim/player.ts'))
  try {
    for (let seed = 1; seed <= most; seed += many) {
      const seeds = Array.from({ length: many }, (_, place) => seed + place)
      const stories = await Promise.all(seeds.map((one) => players.play(one, FULL_SIZE)))
      const broken = stories.find((story: Story) => story.findings.length > 0)
      if (broken) return { seeds: broken.seed, promise: broken.findings[0]?.promise ?? '' }
    }
    return null
  } finally {
    await players.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const home = await openHome()
let missed = 0
try {
  const plants = GARDEN.filter((each) => values.only === undefined || each.name === values.only)
  for (const each of plants) {
    const found = await look(home, each, Number(values.most))
    if (found === null) missed += 1
    const after =
      found === null ? `NOT FOUND in ${values.most} stories` : `${found.seeds}, ${found.promise}`
    process.stdout.write(`${each.name}: ${after}\n`)
  }
  process.stdout.write(
    `${JSON.stringify({ planted: plants.length, found: plants.length - missed })}\n`,
  )
} finally {
  await home.close()
}
if (missed > 0) process.exitCode = 1
