/** One cell of the matrix: a path up to a step, a fall at a point of it, another node that goes on, time, and the judge. */
import type { Finding } from '../../sim/judge.ts'
import type { CrashPoint } from '../../src/commands/core.ts'
import { nodeIn } from './falls.ts'
import { hasEnded, judge } from './judge.ts'
import { PATHS, type Path } from './paths.ts'
import { advance, atNode, closeCell, openCell, rest, type Cell, type Stand } from './stand.ts'

export type Fallen = {
  readonly path: Path
  readonly step: number
  readonly point: CrashPoint
  /** Reads as the end of a test's name. */
  readonly sentence: string
}

/** Every point of every step of these paths. */
export const fallsOf = (paths: readonly Path[] = PATHS): Fallen[] =>
  paths.flatMap((path) =>
    path.steps.flatMap(({ name, passes }, step) =>
      passes.map((point) => ({
        path,
        step,
        point,
        sentence: `at ${point} while ${name}: ${path.name}`,
      })),
    ),
  )

/** Each point once: on the first path that passes it. */
export const onceEach = (falls: readonly Fallen[]): Fallen[] => [
  ...new Map(falls.toReversed().map((each) => [each.point, each])).values(),
]

/** Where something goes wrong: in this step of this path, for this shop. */
export type Place = { readonly cell: Cell; readonly path: Path; readonly step: number }

/** @param takeOver what the healthy node does meanwhile. @returns false: it did not come to that. */
export type Befall = (place: Place, takeOver: () => Promise<void>) => Promise<boolean>

/** @returns null: nothing has befallen anybody. */
export async function play(
  stand: Stand,
  { path, step }: Pick<Place, 'path' | 'step'>,
  befall: Befall,
): Promise<Finding[] | null> {
  const cell = await openCell(stand, path.prepare)
  try {
    for (let each = 0; each < step; each += 1) await take(cell, path, each)
    await advance(stand, path.steps[step]?.after ?? 0)
    const hasBefallen = await befall({ cell, path, step }, async () => {
      // The till asks again, at the node that lives, and people go on.
      await act(cell, path, step)
      for (let each = step + 1; each < path.steps.length; each += 1) await take(cell, path, each)
    })
    if (!hasBefallen) return null
    await rest(cell)
    // What people could not do then, they do now that it has come so far.
    if (path.waitsForPeople && !(await hasEnded(cell, path))) {
      for (const each of path.steps.keys()) await take(cell, path, each)
      await rest(cell)
    }
    return await judge(cell, path)
  } finally {
    await closeCell(cell)
  }
}

/** The whole path with nothing wrong. @returns what was passed in each step, and what the judge says. */
export async function playBare(
  stand: Stand,
  path: Path,
): Promise<{ readonly passed: readonly CrashPoint[][]; readonly findings: readonly Finding[] }> {
  const cell = await openCell(stand, path.prepare)
  try {
    const passed: CrashPoint[][] = []
    for (let each = 0; each < path.steps.length; each += 1) {
      const seen = new Set<CrashPoint>()
      await take(cell, path, each, (name) => void seen.add(name))
      passed.push([...seen])
    }
    await rest(cell)
    return { passed, findings: await judge(cell, path, true) }
  } finally {
    await closeCell(cell)
  }
}

async function take(
  cell: Cell,
  path: Path,
  step: number,
  crashPoint?: (name: CrashPoint) => void,
): Promise<void> {
  await advance(cell.stand, path.steps[step]?.after ?? 0)
  await act(cell, path, step, crashPoint)
}

async function act(
  cell: Cell,
  path: Path,
  step: number,
  crashPoint?: (name: CrashPoint) => void,
): Promise<void> {
  const core = crashPoint ? nodeIn(cell, crashPoint) : cell.stand.core
  const numbers = (await path.steps[step]?.act(atNode(cell, core))) ?? []
  for (const no of numbers) cell.acknowledged.add(no)
}
