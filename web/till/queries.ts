/** What the till reads from the server, each under one key. */
import { QueryClient, useQuery } from '@tanstack/react-query'
import type { RefundShown, SaleShown } from '../../src/api/contract.ts'
import { Refused } from '../shared/api.ts'
import { tell } from './session.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer; only silence is asked again.
      retry: (failures, error) => !(error instanceof Refused) && failures < 2,
      retryDelay: (failures) => 500 * 2 ** failures,
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})

export type TillFacts = {
  readonly merchant: { readonly name: string; readonly phone: string }
  readonly store: {
    readonly no: string
    readonly name: string
    readonly address: string
    readonly phone: string
  }
  readonly terminal: { readonly no: string; readonly name: string; readonly hasPrinter: boolean }
  readonly people: readonly { readonly no: string; readonly name: string; readonly role: string }[]
  readonly sandbox: boolean
  readonly time: string
}

export const useTill = (terminal: string | null) =>
  useQuery({
    queryKey: ['till', terminal],
    queryFn: () => tell<TillFacts>('/till'),
    enabled: terminal !== null,
    staleTime: 60_000,
  })

export const useSale = (no: string) =>
  useQuery({ queryKey: ['sale', no], queryFn: () => tell<SaleShown>(`/sales/${no}`) })

export const refundQuery = (no: string) => ({
  queryKey: ['refund', no],
  queryFn: () => tell<RefundShown>(`/refunds/${no}`),
})
