/** Says and shakes when a refund comes to stand somewhere new while somebody looks at it. */
import { useEffect, useRef } from 'react'
import type { RefundShown } from '../../src/api/contract.ts'
import { stateTexts } from '../../src/texts/states.ts'
import { money } from '../shared/amount.tsx'
import { currentLanguage } from '../shared/language.ts'
import { FAMILY } from '../shared/standing.tsx'
import { useServerNow } from './now.ts'
import { shake } from './voice/shake.ts'
import { say } from './voice/say.ts'
import { SAID_OF } from './voice/words.ts'

/** A refund opened later is old news; what was begun just now is not. */
const NEWS_MS = 15_000

export function useAnnouncement({
  no,
  shows,
  amount,
  attempts,
  createdAt,
  settledAt,
}: RefundShown): void {
  const said = useRef<string | null>(null)
  const paid = attempts.findLast((attempt) => attempt.state === 'succeeded')?.payerAmount ?? amount
  // Devices' clocks are wrong more often than not.
  const now = useServerNow(NEWS_MS)
  useEffect(() => {
    if (now === null) return
    const about = `${no}/${shows}`
    const first = said.current === null || !said.current.startsWith(`${no}/`)
    const isNews = now - Date.parse(settledAt ?? createdAt) < NEWS_MS
    if (said.current === about) return
    said.current = about
    const sentence = SAID_OF[shows]
    if (sentence === null || (first && !isNews)) return
    const family = FAMILY[shows]
    shake(family === 'paid-back' ? 'done' : family === 'needs-person' ? 'person' : 'wait')
    say(sentence, paid, `${stateTexts[currentLanguage()][shows].title} ${money(paid)}`)
  }, [no, shows, paid, createdAt, settledAt, now])
}
