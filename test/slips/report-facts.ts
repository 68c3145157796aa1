/** Facts of an ordinary shift and day, with what a test cares about laid over them. */
import { fen } from '../../src/domain/money.ts'
import {
  reportBarcode,
  type DayCloseSlip,
  type HandOverSlip,
} from '../../src/domain/report-slip.ts'
import {
  dayTotals,
  REFUND_STANDINGS,
  shiftTotals,
  type ReportRows,
  type UnfinishedRow,
} from '../../src/domain/shift.ts'

export const SHIFT_NO = '7426112200012345678903'
export const CLOSE_NO = '7526112200012345678901'

const store = {
  name: '川味小馆·春熙路店',
  address: '成都市锦江区春熙路南段 8 号附 12 号',
  phone: '028-8666 1234',
}

const open = (
  kind: 'refund' | 'cash',
  state: 'submitted' | 'processing',
  waiting: 'funds' | null = null,
) => ({ kind, state, waiting, first_send_at: kind === 'cash' ? null : '2026-11-22T11:00:00+00:00' })

const unfinished = (last: string, row: Partial<UnfinishedRow>): UnfinishedRow => ({
  no: `73261122000987654321${last}`,
  payment: '7226112200012345678905',
  fen: fen(1_200),
  state: 'sending',
  open: null,
  since: '2026-11-22T12:31:40+00:00',
  ...row,
})

const CASH = unfinished('11', { fen: fen(900), open: open('cash', 'submitted') })

/** Refunds in every standing there is. */
export function reportRows(over: Partial<ReportRows> = {}): ReportRows {
  const group = { terminal: 't1', channel: 'wechatpay', count: 1, fen: fen(1_200), open: null }
  return {
    payments: [
      { terminal: 't1', channel: 'wechatpay', state: 'paid', count: 1_234, fen: fen(12_345_678) },
      { terminal: 't2', channel: 'alipay', state: 'paid', count: 2, fen: fen(3_000) },
      { terminal: 't1', channel: 'wechatpay', state: 'submitted', count: 1, fen: fen(500) },
    ],
    refunds: [
      { ...group, state: 'succeeded', count: 12 },
      { ...group, state: 'sending', open: open('refund', 'processing') },
      { ...group, state: 'sending', open: open('refund', 'submitted') },
      { ...group, state: 'sending', open: open('refund', 'submitted', 'funds') },
      { ...group, state: 'owed' },
      { ...group, state: 'requested' },
      { ...group, state: 'rejected' },
      { ...group, channel: 'cash', state: 'succeeded', fen: fen(600) },
      { ...group, channel: 'cash', state: 'sending', open: open('cash', 'submitted') },
      { ...group, terminal: null, state: 'succeeded' },
    ],
    cash: [{ terminal: 't1', count: 1, fen: fen(600) }],
    unfinished: {
      count: 60,
      rows: [
        unfinished('03', { open: open('refund', 'submitted') }),
        unfinished('04', { state: 'owed', fen: fen(128_00) }),
        CASH,
      ],
    },
    cashNotAnswered: [CASH],
    ...over,
  }
}

export function handOver(over: Partial<HandOverSlip> = {}): HandOverSlip {
  return {
    kind: 'hand_over',
    copy: 'merchant',
    store,
    reprint: 0,
    sandbox: false,
    training: false,
    printedAt: new Date('2026-11-22T14:05:00Z'),
    barcode: reportBarcode(SHIFT_NO),
    shiftNo: SHIFT_NO,
    terminal: '1号机',
    cashier: '张三',
    openedAt: new Date('2026-11-22T00:30:00Z'),
    closedAt: new Date('2026-11-22T14:04:30Z'),
    closedBy: null,
    cash: {
      opening: fen(50_000),
      expected: fen(49_400),
      counted: fen(49_300),
      difference: fen(-100),
    },
    note: null,
    totals: shiftTotals(reportRows()),
    ...over,
  }
}

export function dayClose(over: Partial<DayCloseSlip> = {}): DayCloseSlip {
  return {
    kind: 'day_close',
    copy: 'merchant',
    store,
    reprint: 0,
    sandbox: false,
    training: false,
    printedAt: new Date('2026-11-22T14:35:00Z'),
    barcode: reportBarcode(CLOSE_NO),
    closeNo: CLOSE_NO,
    day: '261122',
    nth: 1,
    closedAt: new Date('2026-11-22T14:34:00Z'),
    closedBy: '李四',
    totals: dayTotals(reportRows(), [
      {
        no: SHIFT_NO,
        terminal: 't1',
        staff: 'zhang',
        openedAt: '2026-11-22T00:30:00.000Z',
        closedAt: '2026-11-22T14:04:30.000Z',
        difference: fen(-100),
      },
      {
        no: '7426112200012345678911',
        terminal: 't2',
        staff: 'zhao',
        openedAt: '2026-11-22T01:00:00.000Z',
        closedAt: null,
        difference: null,
      },
    ]),
    names: { terminals: { t1: '1号机', t2: '2号机' }, staff: { zhang: '张三', zhao: '赵六' } },
    ...over,
  }
}

/** Of the facts above; the standings that they must show. */
export const STANDINGS_SHOWN = REFUND_STANDINGS.filter((each) => each !== 'stuck')
