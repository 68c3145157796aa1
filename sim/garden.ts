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

export const GARDEN: readonly Plant[] = [
  {
    name: 'room is not checked',
    like: 'two refunds of one capture, each within it, paid out more than the capture',
    file: 'src/domain/request.ts',
    from: "      if (ask.fen > room) return no(refuse('over_room', { room, ...standing }))\n",
    to: '',
  },
  {
    name: 'payments are not locked',
    like: 'read, then insert: two requests at once both find the same room',
    file: 'src/store/books.ts',
    from: '       order by sale_no for no key update\n    )\n    select payment_no from payment\n     where payment_no = any(${paymentNos}) and (select count(*) from locked_sales) >= 0\n     order by payment_no for no key update`',
    to: '       order by sale_no\n    )\n    select payment_no from payment\n     where payment_no = any(${paymentNos}) and (select count(*) from locked_sales) >= 0\n     order by payment_no`',
  },
  {
    name: 'a timeout is a failure',
    like: 'a job marked refunds failed that had no answer, and gave their money free',
    file: 'src/domain/attempt.ts',
    from: "    case 'unknown':\n      return stay(",
    to: "    case 'unknown':\n      if (isOpen(attempt)) return moveTo(attempt, 'declined')\n      return stay(",
  },
  {
    name: 'not found counts at once',
    like: 'a question asked before the request had arrived was taken for a proof',
    file: 'src/domain/attempt.ts',
    from: '  const quiet = can.notFound !== null && quietMs !== null && quietMs >= can.notFound.quietMs\n',
    to: '  const quiet = true\n',
  },
  {
    name: 'stopped is declined',
    like: 'a cancelled refund was cancelled in the books only',
    file: 'src/commands/handle-attempts.ts',
    from: '    if (attempt.first_send_at === null) {\n      settleHere(',
    to: '    {\n      settleHere(',
  },
  {
    name: 'late truths are dropped',
    like: 'a terminal state refused the success that came after it',
    file: 'src/domain/attempt.ts',
    from: "  declined: ['succeeded', 'returned', 'processing', 'stuck'],",
    to: '  declined: [],',
  },
  {
    name: 'money that came back stays paid',
    like: 'a bank return after success was never booked',
    file: 'src/domain/attempt.ts',
    from: "    case 'returned':\n",
    to: "    case 'returned':\n      if (attempt.state !== 'stuck') return rest(attempt)\n",
  },
  {
    name: 'states go backwards',
    like: 'an old notice made a paid refund processing again',
    file: 'src/domain/attempt.ts',
    from: '  if (attempt.state === to || !mayMove(attempt, to)) return rest(attempt)\n',
    to: '  if (attempt.state === to) return rest(attempt)\n',
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
    name: 'nobody asks again',
    like: 'after some tries a refund was left as it was, for ever',
    file: 'src/domain/attempt.ts',
    from: '  const wait = schedule[Math.min(tries, schedule.length - 1)]\n',
    to: '  const wait = tries > 2 ? 1e12 : schedule[0]\n',
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
    name: 'the hold is not let go',
    like: 'the room of a declined refund never came back',
    file: 'src/domain/refund.ts',
    from: '  if (ENDED_STATES.includes(refund.state)) return NO_POSITION\n',
    to: '',
  },
  {
    name: 'a repeated number is a new request',
    like: 'a double tap refunded twice',
    file: 'src/commands/request-refunds.ts',
    from: '    if (known) {\n',
    to: '    if (known && results.length > 0) {\n',
  },
]
