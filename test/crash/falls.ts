/** What befalls a node at a point: one function for each kind. When it returns, the healthy node may take over. */
import type { Core, CrashPoint } from '../../src/commands/core.ts'
import { testCore } from '../support/shop.ts'
import { openOtherNode, type OtherNode } from './other-node.ts'
import type { Befall, Place } from './cell.ts'
import type { Step } from './paths.ts'
import { atNode, endLeases, rest, type Cell } from './stand.ts'

type Fall = Place & { readonly point: CrashPoint }
type Kind = (fall: Fall, takeOver: () => Promise<void>) => Promise<boolean>

const KINDS = {
  'a fault thrown': thrown,
  killed: killed,
  'its connections cut': cut,
  'asleep for a minute': (fall, takeOver) => asleep(fall, takeOver, 'accepted'),
  'asleep for days': async (fall, takeOver) =>
    asleep(
      fall,
      async () => {
        await takeOver()
        await rest(fall.cell)
      },
      'too_old',
    ),
} satisfies Record<string, Kind>
export type KindName = keyof typeof KINDS

export const at =
  (point: CrashPoint, kind: KindName): Befall =>
  (place, takeOver) =>
    KINDS[kind]({ ...place, point }, takeOver)

const stepOf = ({ path, step }: Fall): Step => path.steps[step] as Step

async function thrown(fall: Fall, takeOver: () => Promise<void>): Promise<boolean> {
  const { cell, point } = fall
  let hasFallen = false
  const core = nodeIn(cell, (name) => {
    if (name !== point || hasFallen) return
    hasFallen = true
    throw new Fallen(point)
  })
  try {
    for (const no of await stepOf(fall).act(atNode(cell, core))) cell.acknowledged.add(no)
  } catch (error) {
    if (!(error instanceof Fallen)) throw error
  }
  await endLeases(cell)
  await takeOver()
  return hasFallen
}

class Fallen extends Error {}

/** Another node in this process. */
export const nodeIn = (
  { stand }: Cell,
  crashPoint: (name: CrashPoint) => void,
  db = stand.db,
): Core => testCore(db, { clock: stand.clock, notifyBase: stand.notifyBase, crashPoint })

async function killed(fall: Fall, takeOver: () => Promise<void>): Promise<boolean> {
  const node = await stoppedAt(fall)
  if (node === null) return false
  await node.kill()
  await endLeases(fall.cell)
  await takeOver()
  return true
}

async function cut(fall: Fall, takeOver: () => Promise<void>): Promise<boolean> {
  const node = await stoppedAt(fall)
  if (node === null) return false
  await node.cut('all')
  await goOn(fall, node)
  await endLeases(fall.cell)
  await takeOver()
  return true
}

/**
 * Asleep until its leases are over and another node has done its part; then it goes on where it was. After days the
 * channel refuses what it had signed before, as it refuses any signature that is too old.
 */
async function asleep(
  fall: Fall,
  takeOver: () => Promise<void>,
  signature: 'accepted' | 'too_old',
): Promise<boolean> {
  const node = await stoppedAt(fall)
  if (node === null) return false
  const { sandbox } = fall.cell.stand
  // The server does so by itself, ten seconds after the last statement.
  await node.cut('in_transaction')
  await endLeases(fall.cell)
  await takeOver()
  const { timestampSkewMs } = sandbox.settings
  if (signature === 'too_old') sandbox.change({ timestampSkewMs: -1 })
  await goOn(fall, node)
  sandbox.change({ timestampSkewMs })
  await endLeases(fall.cell)
  return true
}

async function goOn({ cell }: Fall, node: OtherNode): Promise<void> {
  const { acknowledged } = await node.goOn()
  for (const no of acknowledged) cell.acknowledged.add(no)
}

async function stoppedAt({ cell, path, step, point }: Fall): Promise<OtherNode | null> {
  const node = await openOtherNode(cell.stand)
  const { given, notices, tenant } = atNode(cell)
  const offsetMs = cell.stand.clock.offsetMs()
  const job = { path: path.name, step, stopAt: point, tenant, given, notices, offsetMs }
  return (await node.run(job)) === 'stopped' ? node : null
}
