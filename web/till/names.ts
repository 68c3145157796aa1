/** Names for the numbers that refunds, sales and their steps carry. Until they are known, and for strangers, the number. */
import { useQuery } from '@tanstack/react-query'
import type { DirectoryShown } from '../../src/api/contract-people.ts'
import { tell } from './session.ts'

export const useDirectory = () =>
  useQuery({
    queryKey: ['directory'],
    queryFn: () => tell<DirectoryShown>('/directory'),
    staleTime: 5 * 60_000,
  })

export type Names = {
  readonly staff: (no: string | null) => string
  readonly terminal: (no: string | null) => string
}

export function useNames(): Names {
  const { data } = useDirectory()
  const nameIn = (list: readonly { no: string; name: string }[] | undefined, no: string | null) =>
    list?.find((each) => each.no === no)?.name ?? no ?? ''
  return {
    staff: (no) => nameIn(data?.staff, no),
    terminal: (no) => nameIn(data?.terminals, no),
  }
}
