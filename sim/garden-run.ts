/**
 * `npm run garden -- [--pure 60000] [--most 100] [--only <name>] [--rotate 10]`: see `garden-walk.ts`; `--rotate` walks so
 * many of them, other ones each day. Fails when one is not found.
 */
import { parseArgs } from 'node:util'
import { GARDEN, inRotation, look } from './garden-walk.ts'
import { openHome, type Home } from './home.ts'

const { values } = parseArgs({
  options: {
    pure: { type: 'string', default: '60000' },
    most: { type: 'string', default: '100' },
    only: { type: 'string' },
    rotate: { type: 'string' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

let home: Promise<Home> | undefined
const most = { pure: Number(values.pure), gated: Number(values.most) }
const plants =
  values.rotate === undefined
    ? GARDEN.filter((each) => values.only === undefined || each.name === values.only)
    : inRotation(new Date()).slice(0, Number(values.rotate))
let found = 0
try {
  for (const each of plants) {
    const seen = await look(() => (home ??= openHome()), each, most)
    if (seen !== null) found += 1
    say(
      seen === null
        ? `${each.name}: NOT FOUND`
        : `${each.name}: ${seen.stories} in ${seen.tier}, ${seen.promise}`,
    )
  }
  say(JSON.stringify({ gardenPlanted: plants.length, gardenFound: found }))
} finally {
  await (await home)?.close()
}
if (found < plants.length) process.exitCode = 1
