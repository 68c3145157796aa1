/**
 * Faults planted on purpose, each as others have had it: the stories must find every one. A promise whose breaking nobody
 * would notice is not kept by the stories either.
 */

export type Plant = {
  readonly name: string
  /** What went wrong elsewhere, or the wall that is taken away. */
  readonly like: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly from: string
  readonly to: string
}

/** Found by stories on PostgreSQL only: what they break is made by commands, statements and locks. */
export const COMMAND_PLANTS: readonly Plant[] = [
  {
    name: 'payments are not locked',
    like: 'read, then insert: two requests at once both find the same room',
    file: 'src/store/books.ts',
    from: '       order by sale_no for no key update\n    )\n    select payment_no from payment\n     where payment_no = any(${paymentNos}) and (select count(*) from locked_sales) >= 0\n     order by payment_no for no key update`',
    to: '       order by sale_no\n    )\n    select payment_no from payment\n     where payment_no = any(${paymentNos}) and (select count(*) from locked_sales) >= 0\n     order by payment_no`',
  },
  {
    name: 'stopped is declined',
    like: 'a cancelled refund was cancelled in the books only',
    file: 'src/commands/handle-attempts.ts',
    from: '    if (attempt.first_send_at === null) {\n      settleHere(',
    to: '    {\n      settleHere(',
  },
  {
    name: 'a lost commit is an acknowledgement',
    like: 'a request was confirmed before it was durable',
    file: 'src/commands/request-refunds.ts',
    from: '      ? await againAfterFault(together)\n',
    to: "      ? await together().catch(() => inputs.map((each) => ({ kind: 'stored' as const, refundNo: each.no, fresh: true, lease: null })))\n",
  },
  {
    name: 'an error at COMMIT is the end',
    like: 'a worker gave up at a lost connection and nobody took its refund over',
    file: 'src/store/attempts.ts',
    from: '           last_send_by = a.send_by + ',
    to: '           due_at = null, last_send_by = a.send_by + ',
  },
  {
    name: 'leases do not fence',
    like: 'a worker that had slept sent what another one had already settled',
    file: 'src/store/attempts.ts',
    from: ' and a.fence = r.fence\n       and a.send_by > clock_timestamp() and a.state = ',
    to: '\n       and a.state = ',
  },
  {
    name: 'a second attempt beside an open one',
    like: 'a new number was taken although the first was still unknown',
    file: 'src/commands/handle-attempts.ts',
    from: "(heldBack(open) ? null : wrongState(open, 'owed'))",
    to: "(heldBack(open) ? null : wrongState(open, 'owed', 'sending'))",
  },
  {
    name: 'a repeated number is a new request',
    like: 'a double tap refunded twice',
    file: 'src/commands/request-refunds.ts',
    from: '    if (known) {\n',
    to: '    if (known && results.length > 0) {\n',
  },
]
