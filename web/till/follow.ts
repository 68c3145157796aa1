/**
 * A refund as it goes on: the server tells each step as it happens; where its stream does not come through, the till asks
 * every few seconds. Either way what is shown is what the server has stored.
 */
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { createParser } from 'eventsource-parser'
import { useEffect, useState } from 'react'
import type { RefundShown } from '../../src/api/contract.ts'
import { headersFor } from '../shared/api.ts'
import { queryClient, refundQuery } from './queries.ts'
import { credentials } from './session.ts'

/** Nothing more is expected by itself. */
const ENDED: readonly RefundShown['state'][] = ['succeeded', 'closed', 'rejected', 'withdrawn']
const POLL_MS = 2_000
/** Beside a live stream, in case it went silent without closing. */
const POLL_BESIDE_MS = 10_000
const STREAM_AGAIN_MS = 3_000

export function useRefund(no: string): UseQueryResult<RefundShown> & { readonly live: boolean } {
  const [live, setLive] = useState(false)
  const refund = useQuery({
    ...refundQuery(no),
    refetchInterval: ({ state: { data } }) => {
      if (data && ENDED.includes(data.state)) return false
      return live ? POLL_BESIDE_MS : POLL_MS
    },
  })
  const ended = refund.data !== undefined && ENDED.includes(refund.data.state)
  const stored = refund.data !== undefined
  useEffect(() => {
    if (!stored || ended) return
    const controller = new AbortController()
    void keepFollowing(no, controller.signal, setLive)
    return () => {
      controller.abort()
      setLive(false)
    }
  }, [no, stored, ended])
  return { ...refund, live }
}

async function keepFollowing(
  no: string,
  signal: AbortSignal,
  onLive: (live: boolean) => void,
): Promise<void> {
  while (!signal.aborted) {
    await followOnce(no, signal, onLive).catch(() => undefined)
    onLive(false)
    await new Promise((resolve) => setTimeout(resolve, STREAM_AGAIN_MS))
  }
}

async function followOnce(
  no: string,
  signal: AbortSignal,
  onLive: (live: boolean) => void,
): Promise<void> {
  const response = await fetch(`/v1/refunds/${no}/events`, {
    headers: { ...headersFor(credentials(), null), accept: 'text/event-stream' },
    signal,
  })
  if (!response.ok || !response.body) return
  onLive(true)
  const parser = createParser({
    onEvent: () => void queryClient.invalidateQueries({ queryKey: refundQuery(no).queryKey }),
  })
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    parser.feed(decoder.decode(value, { stream: true }))
  }
}
