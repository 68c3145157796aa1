/** Plants each fault in a copy of the code and counts the stories until it is found; those in memory first, they are cheap. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FULL_SIZE } from './gated.ts'
import { COMMAND_PLANTS, type Plant } from './garden.ts'
import type { Home } from './home.ts'
import { openPlayers } from './players.ts'
import { RULE_PLANTS } from './pure/garden.ts'
import { playPureStories } from './pure/players.ts'
import type { Story } from './story.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COPIED = ['src', 'sandbox', 'sim', 'test/support', 'package.json']

export const GARDEN: readonly Plant[] = [...RULE_PLANTS, ...COMMAND_PLANTS]

const DAY_MS = 24 * 3_600_000

/** All of them, each day another one first: who walks some of them every day has walked them all in the end. */
export function inRotation(now: Date): Plant[] {
  const first = Math.floor(now.getTime() / DAY_MS) % GARDEN.length
  return [...GARDEN.slice(first), ...GARDEN.slice(0, first)]
}

export type Found = {
  readonly tier: 'memory' | 'PostgreSQL'
  readonly stories: number
  readonly promise: string
}

export type Most = { readonly pure: number; readonly gated: number }

/** @returns after how many stories the fault was seen; null: not in as many as were wanted. */
export async function look(
  home: () => Promise<Home>,
  each: Plant,
  most: Most,
): Promise<Found | null> {
  const folder = await plant(each)
  try {
    const isRule = RULE_PLANTS.includes(each)
    return (
      (isRule ? await lookInMemory(folder, most.pure) : null) ??
      (most.gated > 0 ? await lookOnDatabase(await home(), folder, most.gated) : null)
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

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

async function lookInMemory(folder: string, most: number): Promise<Found | null> {
  const { broken } = await playPureStories({
    from: 1,
    count: most,
    players: availableParallelism(),
    player: join(folder, 'sim/pure/player.ts'),
    untilBroken: true,
  })
  const [first] = broken
  return first
    ? { tier: 'memory', stories: first.seed, promise: first.findings[0]?.promise ?? '' }
    : null
}

async function lookOnDatabase(home: Home, folder: string, most: number): Promise<Found | null> {
  const many = availableParallelism()
  const players = await openPlayers(home, many, join(folder, 'sim/player.ts'))
  try {
    for (let seed = 1; seed <= most; seed += many) {
      const seeds = Array.from({ length: many }, (_, place) => seed + place)
      const stories = await Promise.all(seeds.map((one) => players.play(one, FULL_SIZE)))
      const broken = stories.find((story: Story) => story.findings.length > 0)
      if (broken) {
        const promise = broken.findings[0]?.promise ?? ''
        return { tier: 'PostgreSQL', stories: broken.seed, promise }
      }
    }
    return null
  } finally {
    await players.close()
  }
}
