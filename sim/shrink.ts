/** A smaller story that goes wrong in the same way: fewer people, fewer acts, fewer kinds of trouble. */
import type { Size, Story } from './gated.ts'

const TRIES_MAX = 60

/** @param play plays the seed in a given size. @returns the smallest story found that breaks the same promise. */
export async function shrink(
  broken: Story,
  size: Size,
  play: (size: Size) => Promise<Story>,
): Promise<{ readonly story: Story; readonly size: Size }> {
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

function smallerThan(size: Size): Size[] {
  const fewer = (['tills', 'actsEach', 'nodes', 'payments'] as const)
    .filter((part) => size[part] > 1)
    .map((part) => ({ ...size, [part]: size[part] - 1 }))
  const calmer = size.families.map((family) => ({
    ...size,
    families: size.families.filter((each) => each !== family),
  }))
  return [...fewer, ...calmer]
}
