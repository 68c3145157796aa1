/** `npm run garden -- [--pure 5000] [--most 200] [--only <name>]`: see `garden-walk.ts`. Fails when one is not found. */
import { parseArgs } from 'node:util'
import { GARDEN, look } from './garden-walk.ts'
import { openHome, type Home } from './home.ts'

const { values } = parseArgs({
  options: {
    pure: { type: 'string', default: '5000' },
    most: { type: 'string', default: '200' },
    only: { type: 'string' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

let home: Promise<Home> | undefined
const most = { pure: Number(values.pure), gated: Number(values.most) }
const plants = GARDEN.filter((each) => values.only === undefined || each.name === values.only)
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
