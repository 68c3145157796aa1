/** The ways that money goes, step by step, and the points that each step passes. No vitest in here. */
import type { CrashPoint } from '../../src/commands/core.ts'
import { approveRefund, rejectRefund, withdrawRefund } from '../../src/commands/decide-refunds.ts'
import { answerCash, remedyRefund } from '../../src/commands/handle-attempts.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import { makeNumber } from '../../src/domain/numbers.ts'
import { cashier, digits, seconded, supervisor } from '../support/core.ts'
import { asks, decides, hears, relays, reverses, sweeps, takes } from './acts.ts'
import type { Act, Given } from './acts.ts'
import type { Stand } from './stand.ts'

export type Step = {
  /** Ends the sentence "killed at … while". */
  readonly name: string
  readonly act: Act
  /** In the order in which they are first passed. */
  readonly passes: readonly CrashPoint[]
  /** Business ms before it. */
  readonly after?: number
}

export type Path = {
  readonly name: string
  readonly prepare: (stand: Stand, tenant: number) => Promise<Given>
  readonly steps: readonly Step[]
  /** Nothing goes on by itself once it is stuck. */
  readonly waitsForPeople?: true
  /** How what was given a name may end; the first is how it ends when nothing goes wrong. */
  readonly ends: Readonly<Record<string, readonly string[]>>
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

const SENDS: readonly CrashPoint[] = [
  'send.before_mark',
  'send.after_mark',
  'send.after_answer',
  'settle.before_commit',
  'settle.after_commit',
]
const REQUESTS: readonly CrashPoint[] = ['request.before_commit', 'request.after_commit']
const ACTS: readonly CrashPoint[] = ['act.before_commit', 'act.after_commit']
const STARTS: readonly CrashPoint[] = ['start.before_commit', 'start.after_commit']
const LEAVES: readonly CrashPoint[] = ['pay.before_mark', 'pay.after_mark', 'pay.after_answer']
const SETTLED: readonly CrashPoint[] = ['pay.before_settled', 'pay.after_settled']
const TAKES: readonly CrashPoint[] = ['pay.before_commit', 'pay.after_commit']
const CLAIM: CrashPoint = 'sweep.after_claim'

const numbers = (...names: string[]): Given =>
  Object.fromEntries(names.map((name) => [name, makeNumber('refund', '261122', digits(13))]))

/** A payment that is still to be taken. `passwordAbove`: 0, the customer is asked for the password. */
function unpaid({ sandbox }: Stand, passwordAbove: number | null = null): Given {
  return {
    payment: makeNumber('payment', '261122', digits(13)),
    sale: makeNumber('sale', '261122', digits(13)),
    code: sandbox.paymentCode(sandbox.createCustomer({ passwordAbove })),
  }
}

const paid =
  (...names: string[]) =>
  async (stand: Stand, tenant: number): Promise<Given> => {
    const given = { ...unpaid(stand), ...numbers(...names) }
    const { core, databaseUrl } = stand
    await takes('code')({ core, tenant, given, notices: [], databaseUrl })
    return given
  }

/** The first send of a refund meets this at the channel. */
const strike = (stand: Stand, kind: 'abnormal' | 'drop_connection_executed', refund = ''): void =>
  void stand.sandbox.faults.set({
    on: 'refund',
    kind,
    times: 1,
    match: { outRefundNo: `${refund}01` },
  })

const limited: Actor = { ...cashier, rights: { ...cashier.rights, perRefundFen: fen(100) } }
const part = { kind: 'amount', fen: fen(1_200) } as const
const second = { kind: 'amount', fen: fen(900) } as const

const sweep = (what: string, after: number, ...passes: CrashPoint[]): Step => ({
  name: `a sweeper ${what}`,
  act: sweeps,
  passes: [CLAIM, ...passes],
  after,
})
const asked = (
  by: Actor,
  of: string,
  ...wish: Parameters<typeof asks> extends [unknown, unknown, ...infer More] ? More : never
): Step => ({
  name: 'the till asks',
  act: asks(by, of, ...wish),
  passes: [...REQUESTS, ...SENDS],
})

export const PATHS: readonly Path[] = [
  {
    name: 'a refund by the original route',
    prepare: paid('refund'),
    steps: [asked(cashier, 'refund'), sweep('asks the channel', 2 * MINUTE, ...SENDS)],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a refund told of by a notice',
    prepare: paid('refund'),
    steps: [
      asked(cashier, 'refund', { ask: part }),
      {
        name: 'a node hears the notice',
        act: hears,
        passes: [
          'notice.after_keep',
          'settle.before_commit',
          'settle.after_commit',
          'notice.before_answer',
        ],
        after: 2 * MINUTE,
      },
    ],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a refund that somebody approves',
    prepare: paid('refund'),
    steps: [
      { name: 'the till asks', act: asks(limited, 'refund'), passes: REQUESTS },
      {
        name: 'a supervisor approves',
        act: decides(supervisor, 'refund', approveRefund),
        passes: [...ACTS, ...SENDS],
      },
    ],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a refund that somebody rejects',
    prepare: paid('refund'),
    steps: [
      { name: 'the till asks', act: asks(limited, 'refund'), passes: REQUESTS },
      {
        name: 'a supervisor rejects',
        act: decides(supervisor, 'refund', (core, actor, no, now) =>
          rejectRefund(core, actor, no, 'quality', now),
        ),
        passes: ACTS,
      },
    ],
    ends: { refund: ['rejected'] },
  },
  {
    name: 'a refund that is taken back',
    prepare: paid('refund'),
    steps: [
      { name: 'the till asks', act: asks(limited, 'refund'), passes: REQUESTS },
      {
        name: 'the cashier takes it back',
        act: decides(limited, 'refund', withdrawRefund),
        passes: ACTS,
      },
    ],
    ends: { refund: ['withdrawn'] },
  },
  {
    name: 'a part, then the rest within the same minute',
    prepare: paid('part', 'rest'),
    steps: [
      asked(cashier, 'part', { ask: part }),
      {
        name: 'the till asks for the rest',
        act: asks(supervisor, 'rest'),
        passes: REQUESTS,
        after: 5 * SECOND,
      },
      {
        name: 'a sweeper starts the rest',
        act: sweeps,
        passes: [CLAIM, ...SENDS.slice(0, 3), ...SENDS.slice(3), ...STARTS],
        after: 2 * MINUTE,
      },
    ],
    ends: { part: ['succeeded'], rest: ['succeeded'] },
  },
  {
    name: 'a refund whose answer is lost',
    prepare: async (stand, tenant) => {
      const given = await paid('refund')(stand, tenant)
      strike(stand, 'drop_connection_executed', given['refund'])
      return given
    },
    steps: [asked(cashier, 'refund'), sweep('asks the channel', 2 * MINUTE, ...SENDS)],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a stuck refund that goes to a bank card',
    waitsForPeople: true,
    prepare: async (stand, tenant) => {
      const given = await paid('refund')(stand, tenant)
      strike(stand, 'abnormal', given['refund'])
      return given
    },
    steps: [
      asked(cashier, 'refund'),
      sweep('finds it stuck', 2 * MINUTE, ...SENDS),
      {
        name: 'two people decide',
        act: decides(seconded(supervisor), 'refund', (core, actor, no, now) =>
          remedyRefund(core, actor, no, 'to_bank_card', CARD, now),
        ),
        passes: ACTS,
      },
      sweep('sends the application', 0, ...SENDS),
    ],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a refund in cash',
    prepare: paid('refund'),
    steps: [
      {
        name: 'the till asks',
        act: asks(seconded(cashier), 'refund', { method: 'cash', ask: part }),
        passes: REQUESTS,
      },
      {
        name: 'the cashier hands it out',
        act: decides(cashier, 'refund', (core, actor, no, now) =>
          answerCash(core, actor, no, 'paid', now),
        ),
        passes: ACTS,
      },
    ],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a refund that replaces another',
    prepare: paid('first', 'refund'),
    steps: [
      { name: 'the till asks', act: asks(limited, 'first'), passes: REQUESTS },
      {
        name: 'a supervisor asks for less instead',
        act: asks(supervisor, 'refund', { ask: second, replaces: 'first' }),
        passes: [...REQUESTS, ...SENDS],
      },
    ],
    ends: { first: ['rejected'], refund: ['succeeded'] },
  },
  {
    name: 'a refund made in the channel’s portal',
    prepare: async (stand, tenant) => {
      const given = await paid()(stand, tenant)
      const { mchid } = stand.sandbox.merchant
      stand.sandbox.portalRefund({ mchid, outTradeNo: `${given['payment']}00`, amount: 2_000 })
      return given
    },
    steps: [
      {
        name: 'a node hears the notice',
        act: hears,
        passes: ['notice.after_keep', 'outside.before_commit', 'notice.before_answer'],
        after: MINUTE,
      },
    ],
    ends: { payment: ['paid'] },
  },
  {
    name: 'a refund whose events are told',
    prepare: paid('refund'),
    steps: [
      asked(cashier, 'refund'),
      { name: 'a node relays', act: relays, passes: ['relay.after_enqueue'] },
    ],
    ends: { refund: ['succeeded'] },
  },
  {
    name: 'a payment',
    prepare: async (stand) => unpaid(stand),
    steps: [
      { name: 'the till takes it', act: takes('code'), passes: [...TAKES, ...LEAVES, ...SETTLED] },
    ],
    ends: { payment: ['paid', 'closed', 'reversed'] },
  },
  {
    name: 'a payment whose customer types no password, reversed',
    prepare: async (stand) => unpaid(stand, 0),
    steps: [
      { name: 'the till takes it', act: takes('code'), passes: [...TAKES, ...LEAVES, ...SETTLED] },
      {
        name: 'the cashier reverses it',
        act: reverses,
        passes: ['reverse.before_commit', 'reverse.after_commit'],
        after: 5 * SECOND,
      },
      sweep('sends the reversal', 20 * SECOND, ...LEAVES, ...SETTLED),
    ],
    ends: { payment: ['reversed', 'closed'] },
  },
  {
    name: 'a shown code that nobody pays, closed',
    prepare: async (stand) => unpaid(stand),
    steps: [
      { name: 'the till shows it', act: takes('qr'), passes: [...TAKES, ...LEAVES, ...SETTLED] },
      {
        name: 'the cashier gives up',
        act: reverses,
        passes: ['reverse.before_commit', 'reverse.after_commit'],
        after: 5 * SECOND,
      },
      sweep('closes it', 20 * SECOND, ...LEAVES, ...SETTLED),
    ],
    ends: { payment: ['closed', 'reversed'] },
  },
]

const CARD = { bank: 'ICBC_DEBIT', number: '6222020000000000000', holder: '张三' }
