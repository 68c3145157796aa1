/** Words on hand-over and day-close slips. */
import type { RefundStanding } from '../domain/shift.ts'
import type { Language } from './language.ts'

type Label =
  | 'shiftNo'
  | 'closeNo'
  | 'openedAt'
  | 'handedOverAt'
  | 'handedOverBy'
  | 'closedAt'
  | 'closedBy'
  | 'opening'
  | 'cashOut'
  | 'expected'
  | 'counted'
  | 'note'
  | 'total'
  | 'unclear'

type Section = 'drawer' | 'payments' | 'refunds' | 'unfinished' | 'terminals' | 'shifts'

export type ReportTexts = {
  readonly label: Readonly<Record<Label, string>>
  readonly section: Readonly<Record<Section, string>>
  readonly standing: Readonly<Record<RefundStanding, string>>
  readonly over: string
  readonly short: string
  readonly even: string
  /** Of payments or refunds: `3 笔`, `(3)`. */
  readonly count: (n: number) => string
  readonly nth: (n: number) => string
  readonly none: string
  /** What is expected in the drawer, and what is not counted there. */
  readonly drawerNote: string
  readonly unfinishedNote: string
  readonly cashNote: string
  readonly more: (n: number) => string
  readonly stillOpen: string
  /** In place of a terminal, where none of ours was at work. */
  readonly noTerminal: string
  readonly signHandingOver: string
  readonly signTakingOver: string
  readonly signSupervisor: string
}

const zh: ReportTexts = {
  label: {
    shiftNo: '班次号',
    closeNo: '日结号',
    openedAt: '开班时间',
    handedOverAt: '交班时间',
    handedOverBy: '代为交班',
    closedAt: '日结时间',
    closedBy: '日结人',
    opening: '备用金',
    cashOut: '现金退款',
    expected: '应有现金',
    counted: '实点现金',
    note: '备注',
    total: '合计',
    unclear: '结果待确认',
  },
  section: {
    drawer: '钱箱',
    payments: '收款',
    refunds: '退款（按申请时间）',
    unfinished: '未完结退款（含以前的）',
    terminals: '各收银机',
    shifts: '班次',
  },
  standing: {
    succeeded: '退款成功',
    onTheWay: '退款处理中',
    unknown: '结果待确认',
    waitingForFunds: '待充值',
    stuck: '退款异常',
    owed: '应退未退',
    cashUnanswered: '现金待确认',
    undecided: '待审核或待退货',
  },
  over: '长款',
  short: '短款',
  even: '现金相符',
  count: (n) => `${n} 笔`,
  nth: (n) => `第 ${n} 次日结`,
  none: '无',
  drawerNote: '应有现金为备用金减去现金退款，不含另行收取的现金。',
  unfinishedNote: '请接着跟进。勿垫付现金，勿重复退款。',
  cashNote: '“现金待确认”：没有人说明现金是否已交给顾客，请店长核实。',
  more: (n) => `另有 ${n} 笔，见退款列表。`,
  stillOpen: '未交班',
  noTerminal: '非收银机',
  signHandingOver: '交班人签字',
  signTakingOver: '接班人签字',
  signSupervisor: '店长签字',
}

const en: ReportTexts = {
  label: {
    shiftNo: 'Shift',
    closeNo: 'Close',
    openedAt: 'Opened at',
    handedOverAt: 'Handed over',
    handedOverBy: 'Counted by',
    closedAt: 'Closed at',
    closedBy: 'Closed by',
    opening: 'Opening cash',
    cashOut: 'Cash refunds',
    expected: 'Expected cash',
    counted: 'Counted cash',
    note: 'Note',
    total: 'Total',
    unclear: 'Outcome unknown',
  },
  section: {
    drawer: 'Drawer',
    payments: 'Payments',
    refunds: 'Refunds, by time of request',
    unfinished: 'Unfinished refunds, earlier ones too',
    terminals: 'Tills',
    shifts: 'Shifts',
  },
  standing: {
    succeeded: 'Paid back',
    onTheWay: 'On the way',
    unknown: 'Outcome unknown',
    waitingForFunds: 'Waiting for funds',
    stuck: 'Undeliverable',
    owed: 'Still owed',
    cashUnanswered: 'Cash not confirmed',
    undecided: 'Not decided',
  },
  over: 'Over',
  short: 'Short',
  even: 'Cash agrees',
  count: (n) => `(${n})`,
  nth: (n) => `Close no. ${n} of the day`,
  none: 'None',
  drawerNote:
    'Expected cash is the opening cash less cash refunds, without cash taken in other ways.',
  unfinishedNote: 'Go on with these. Do not pay out cash and do not refund again.',
  cashNote:
    '"Cash not confirmed": nobody has said whether the customer got the cash. A supervisor has to find out.',
  more: (n) => `${n} more: see the list of refunds.`,
  stillOpen: 'Not handed over',
  noTerminal: 'No till',
  signHandingOver: 'Handed over',
  signTakingOver: 'Taken over',
  signSupervisor: 'Supervisor',
}

export const reportTexts: Readonly<Record<Language, ReportTexts>> = { zh, en }
