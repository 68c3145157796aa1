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
  {
    name: 'a part of the books is not written',
    like: 'amounts moved, and the ledger never heard of it',
    file: 'src/commands/desk.ts',
    from: '      open.transfers.map((each) => ({',
    to: '      open.transfers.slice(1).map((each) => ({',
  },
  {
    name: 'pieces are not saved',
    like: 'the goods of a refund stayed free to be returned again',
    file: 'src/commands/desk.ts',
    from: '  await saveItems(tx, itemRows(desk))\n',
    to: '',
  },
  {
    name: 'evidence with a gap',
    like: 'an audit trail that had lost its first entries',
    file: 'src/commands/desk.ts',
    from: '    sealed.flatMap(({ events }) => events),',
    to: '    sealed.flatMap(({ events }) => events.slice(1)),',
  },
  {
    name: 'a send is not written down before it',
    like: 'nobody knew of a request that had left when its process fell',
    file: 'src/store/attempts.ts',
    from: "       set first_send_at = coalesce(a.first_send_at, clock_timestamp() + ${offsetMs} * interval '1 ms'),\n           last_send_by",
    to: '       set first_send_at = a.first_send_at,\n           last_send_by',
  },
  {
    name: "what a fallen process had begun is nobody's",
    like: 'a job that was lost with its worker was never taken up',
    file: 'src/store/attempts.ts',
    from: 'r.channel_no, r.body, r.amount_fen, r.created_at, r.due_at, case',
    to: 'r.channel_no, r.body, r.amount_fen, r.created_at, null, case',
  },
  {
    name: 'an act opens what it has not locked',
    like: 'two supervisors decided at once, and both were right',
    file: 'src/store/desk.ts',
    from: '  await lockPayments(tx, locked.paymentNos)\n',
    to: '',
  },
  {
    name: 'what was paid out is not counted',
    like: 'refunded amounts were added up from a table that lagged',
    file: 'src/store/books.ts',
    from: '       set held_fen = r.held_fen, refunded_fen = r.refunded_fen, kept_fen',
    to: '       set held_fen = r.held_fen, kept_fen',
  },
  {
    name: 'what waits for its time is forgotten',
    like: 'a refund put off for a minute was put off for ever',
    file: 'src/store/refunds.ts',
    from: '       set state = r.state, send_at = r.send_at,',
    to: '       set state = r.state, send_at = null,',
  },
  {
    name: 'an amount is lowered while it is sent',
    like: 'the order was changed on the screen, and the old amount paid',
    file: 'src/commands/decide-refunds.ts',
    from: "    const no = wrongState(open, 'requested', 'awaiting_goods', 'approved') ?? notTheirs(actor, open)\n",
    to: "    const no = wrongState(open, 'requested', 'awaiting_goods', 'approved', 'sending') ?? notTheirs(actor, open)\n",
  },
  {
    name: 'what is being sent is taken back',
    like: 'cancelled in the books while the channel paid',
    file: 'src/commands/decide-refunds.ts',
    from: "    const no = wrongState(open, 'requested', 'awaiting_goods', 'approved')\n",
    to: "    const no = wrongState(open, 'requested', 'awaiting_goods', 'approved', 'sending')\n",
  },
]
