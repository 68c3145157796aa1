/** A smaller story that goes wrong in the same way: fewer people, fewer acts, fewer kinds of trouble. */
import type { Finding } from './judge.ts'

const TRIES_MAX = 60

type Told = { readonly findings: readonly Finding[] }
export type Shrunk<Story, Size> = { readonly story: Story; readonly size: Size }

/**
 * @param smallerThan the sizes next below one, the most telling first.
 * @param play plays the seed in a given size.
 * @returns the smallest story found that breaks the same promise.
 */
export async function shrink<Story extends Told, Size>(
  broken: Story,
  size: Size,
  smallerThan: (size: Size) => readonly Size[],
  play: (size: Size) => Promise<Story>,
): Promise<Shrunk<Story, Size>> {
  const promise = broken.findings[0]?.promise
  let best = { story: broken, size }
  let tries = 0
  for (let isBetter = true; isBetter;) {
    isBetter = false
    for (const smaller of smallerThan(best.size)) {
      if ((tries += 1) > TRIES_MAX) return best
      const story = await play(smaller)
      if (!story.findings.some((each) => each.promise === promise)) continue
      best = { story, size: smaller }
      isBetter = true
      break
    }
  }
  return best
}

/** Without each one of the families. */
export const calmer = <Size extends { readonly families: readonly unknown[] }>(
  size: Size,
): Size[] =>
  size.families.map((family) => ({
    ...size,
    families: size.families.filter((each) => each !== family),
  }))
