/** Several players at once; each takes the next story when it is free. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Size } from './gated.ts'
import type { Story } from './story.ts'
import type { Home } from './home.ts'

const PLAYER = fileURLToPath(new URL('player.ts', import.meta.url))

export type Players = {
  /** @returns the story once one of the players has played it. */
  readonly play: (seed: number, size: Size) => Promise<Story>
  readonly close: () => Promise<void>
}

/** @param player another player's file, for code that was changed on purpose. */
export async function openPlayers(home: Home, count: number, player = PLAYER): Promise<Players> {
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const child = fork(player, [await home.database()], { serialization: 'advanced' })
      await once(child, 'message')
      return child
    }),
  )
  const free = [...all]
  const asking: ((child: ChildProcess) => void)[] = []
  const take = (): Promise<ChildProcess> => {
    const child = free.pop()
    return child ? Promise.resolve(child) : new Promise((resolve) => asking.push(resolve))
  }
  const giveBack = (child: ChildProcess) => {
    const next = asking.shift()
    if (next) next(child)
    else free.push(child)
  }
  return {
    play: async (seed, size) => {
      const child = await take()
      child.send({ seed, size })
      const [story] = (await once(child, 'message')) as [Story]
      giveBack(child)
      return story
    },
    close: async () => {
      await Promise.all(
        all.map(async (child) => {
          const ended = once(child, 'exit')
          child.disconnect()
          await ended
        }),
      )
    },
  }
}
