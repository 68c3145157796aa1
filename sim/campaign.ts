/** Many stories of one kind, each judged; one that breaks a promise is told in its smallest form. */
import { FULL_SIZE, smallerThan } from './gated.ts'
import { openHome } from './home.ts'
import { openPlayers, type Players } from './players.ts'
import { playPureStories, type PureSums } from './pure/players.ts'
import { playPure } from './pure/story.ts'
import { PURE_SIZE, smallerTale } from './pure/tale.ts'
import { shrink } from './shrink.ts'
import type { Story } from './story.ts'

const PROGRESS_MS = 10_000
/** As many broken ones are told; more say nothing new. */
const TOLD_MOST = 5

export type Campaign = {
  readonly from: number
  /** Infinity: as many as the time allows. */
  readonly count: number
  readonly players: number
  /** No story is begun later than this, in ms of `performance.now()`. */
  readonly until?: number
  /** Each is played again, and must come out the same. */
  readonly twice?: boolean
  readonly say: (line: string) => void
}

const ofMany = (count: number): string => (Number.isFinite(count) ? ` of ${count}` : '')

export type GatedSums = {
  gatedSeeds: number
  violations: number
  steps: number
  executed: number
  /** Of those played again: they came out otherwise. */
  changed: number
}

export async function playMemory(campaign: Campaign): Promise<PureSums> {
  const { from, count, players, until, say } = campaign
  let said = performance.now()
  const sums = await playPureStories({
    from,
    count,
    players,
    ...(until === undefined ? {} : { until }),
    onProgress: (played) => {
      if (performance.now() - said < PROGRESS_MS) return
      said = performance.now()
      say(`${played}${ofMany(count)} stories in memory`)
    },
  })
  for (const story of sums.broken.slice(0, TOLD_MOST)) await explain(story, say)
  return sums
}

export async function playPostgres(campaign: Campaign): Promise<GatedSums> {
  const { from, count, until, twice = false, say } = campaign
  const sums: GatedSums = { gatedSeeds: 0, violations: 0, steps: 0, executed: 0, changed: 0 }
  if (count === 0) return sums
  const home = await openHome()
  const players = await openPlayers(home, campaign.players)
  const timer = setInterval(
    () => say(`${sums.gatedSeeds}${ofMany(count)} stories on PostgreSQL`),
    PROGRESS_MS,
  )
  try {
    const broken: Story[] = []
    let next = from
    const work = async (): Promise<void> => {
      while (next < from + count && (until === undefined || performance.now() < until)) {
        const story = await players.play(next++, FULL_SIZE)
        sums.gatedSeeds += 1
        sums.steps += story.steps
        sums.executed += story.executed
        if (twice && (await players.play(story.seed, FULL_SIZE)).hash !== story.hash) {
          sums.changed += 1
          say(`seed ${story.seed} came out otherwise when it was played again`)
        }
        if (story.findings.length === 0) continue
        sums.violations += 1
        broken.push(story)
      }
    }
    await Promise.all(Array.from({ length: campaign.players }, work))
    const bySeed = broken.toSorted((a, b) => a.seed - b.seed)
    for (const story of bySeed.slice(0, TOLD_MOST)) await explainGated(players, story, say)
    return sums
  } finally {
    clearInterval(timer)
    await players.close()
    await home.close()
  }
}

/** One on PostgreSQL, twice, told. @returns whether it kept all promises and came out the same. */
export async function playOne(seed: number, say: (line: string) => void): Promise<boolean> {
  const home = await openHome()
  const players = await openPlayers(home, 1)
  try {
    const story = await players.play(seed, FULL_SIZE)
    const again = await players.play(seed, FULL_SIZE)
    for (const line of story.lines) say(line)
    for (const { promise, what } of story.findings) say(`  ${promise}: ${what}`)
    const { hash, steps, executed } = story
    say(JSON.stringify({ seed, hash, steps, executed, violations: story.findings.length }))
    if (again.hash !== hash) say(`played again it came out as ${again.hash}`)
    return story.findings.length === 0 && again.hash === hash
  } finally {
    await players.close()
    await home.close()
  }
}

type Told = Pick<Story, 'seed' | 'findings' | 'lines'>

const tell = (
  broken: Told,
  replay: string,
  small: { readonly story: Told; readonly size: object },
  say: (line: string) => void,
): void => {
  say(`\nseed ${broken.seed} breaks a promise: npm run sim -- ${replay} ${broken.seed}`)
  for (const { promise, what } of broken.findings) say(`  ${promise}: ${what}`)
  say(`smallest story that does so, of ${JSON.stringify(small.size)}:`)
  for (const line of small.story.lines) say(`    ${line}`)
  for (const { promise, what } of small.story.findings) say(`  ${promise}: ${what}`)
}

/** What went wrong, how to see it again, and the smallest story in which it does. */
export async function explain(broken: Story, say: (line: string) => void): Promise<void> {
  const small = await shrink(broken, PURE_SIZE, smallerTale, (size) => playPure(broken.seed, size))
  tell(broken, '--pure-seed', small, say)
}

async function explainGated(
  players: Players,
  broken: Story,
  say: (line: string) => void,
): Promise<void> {
  const play = (size: typeof FULL_SIZE) => players.play(broken.seed, size)
  tell(broken, '--seed', await shrink(broken, FULL_SIZE, smallerThan, play), say)
}
