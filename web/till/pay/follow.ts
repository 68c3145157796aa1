/** A payment as it goes on: asked each second while somebody waits for it, slower afterwards. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { PaymentShown } from '../../../src/api/contract.ts'
import type { PaymentState } from '../../../src/domain/payment.ts'
import { Refused } from '../../shared/api.ts'
import { tell } from '../session.ts'

/** A customer stands there for so long. */
const PATIENCE_MS = 120_000
const POLL_MS = 1_000
const POLL_SLOWLY_MS = 4_000
/** A payment that was given up may be found paid; somebody who still looks at it sees that. */
const POLL_CLOSED_MS = 15_000

const ENDED: readonly PaymentState[] = ['paid', 'reversed', 'closed']
export const hasEnded = ({ state }: Pick<PaymentShown, 'state'>): boolean => ENDED.includes(state)

export const paymentQuery = (no: string) => ({
  queryKey: ['payment', no],
  queryFn: () => tell<PaymentShown>(`/payments/${no}`),
})

/** The server has answered that it does not have the number, now. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof Refused && error.code === 'not_found'

export function usePayment(no: string): UseQueryResult<PaymentShown> {
  return useQuery({
    ...paymentQuery(no),
    retry: false,
    refetchInterval: ({ state: { data } }) => {
      if (!data) return POLL_MS
      if (data.state === 'closed') return POLL_CLOSED_MS
      if (hasEnded(data)) return false
      return Date.now() - Date.parse(data.createdAt) < PATIENCE_MS ? POLL_MS : POLL_SLOWLY_MS
    },
  })
}
