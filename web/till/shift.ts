/** The shift at this terminal: what it is, and how it is opened and handed over. */
import { useQuery } from '@tanstack/react-query'
import type { DayCloseShown, ShiftShown } from '../../src/api/contract-shifts.ts'
import type { NumberKind } from '../../src/domain/numbers.ts'
import { Refused } from '../shared/api.ts'
import { newNumber } from './numbers.ts'
import { queryClient } from './queries.ts'
import { tell, useSession } from './session.ts'

const CURRENT = ['shift', 'current'] as const

/** Totals move with every refund. */
const LOOK_MS = 15_000

export const useCurrentShift = () => {
  const { terminal } = useSession()
  return useQuery({
    queryKey: [...CURRENT, terminal],
    queryFn: async () => (await tell<{ shift: ShiftShown | null }>('/shifts/current')).shift,
    refetchInterval: LOOK_MS,
  })
}

const forgetCurrent = () => queryClient.invalidateQueries({ queryKey: CURRENT })

/**
 * An act under a number that stays on the device until the server has answered for it: after a cut line or a restart the
 * same act is the same number.
 */
async function once<Answer>(
  kind: NumberKind,
  act: (no: string) => Promise<Answer>,
): Promise<Answer> {
  const place = `yuanlu.next.${kind}`
  const no = localStorage.getItem(place) ?? newNumber(kind)
  localStorage.setItem(place, no)
  try {
    const answer = await act(no)
    localStorage.removeItem(place)
    return answer
  } catch (error) {
    // Refused with other content: the first one went through, and what comes next is another.
    if (error instanceof Refused && error.status < 500) localStorage.removeItem(place)
    throw error
  }
}

/** @param openingCash fen in the drawer. */
export async function openShift(openingCash: number): Promise<ShiftShown> {
  try {
    return await once('shift', (no) =>
      tell<ShiftShown>('/shifts', { method: 'POST', body: { no, openingCash } }),
    )
  } finally {
    void forgetCurrent()
  }
}

/** @param countedCash fen in the drawer. The shift's own number makes a second try the same hand-over. */
export async function handOver(no: string, countedCash: number, note: string): Promise<ShiftShown> {
  try {
    const closed = await tell<ShiftShown>(`/shifts/${no}/close`, {
      method: 'POST',
      body: { countedCash, note },
    })
    queryClient.setQueriesData({ queryKey: CURRENT }, null)
    return closed
  } finally {
    void forgetCurrent()
  }
}

/** @param day yymmdd */
export const closeDay = (day: string): Promise<DayCloseShown> =>
  once('day_close', (no) =>
    tell<DayCloseShown>(`/days/${day}/close`, { method: 'POST', body: { no } }),
  )
