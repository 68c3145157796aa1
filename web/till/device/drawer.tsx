/** The cash drawer: opened once when cash is to be handed out here, and again when somebody asks for it. */
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { RefundShown } from '../../../src/api/contract.ts'
import { useServerNow } from '../now.ts'
import { useSession } from '../session.ts'
import { hasDrawer, openDrawer } from './device.ts'

/** Whoever looks at an old one stands at no open drawer. */
const NEWS_MS = 15_000

export function Drawer({ refund }: { refund: RefundShown }) {
  const { t } = useTranslation()
  const { person } = useSession()
  const now = useServerNow(NEWS_MS)
  const opened = useRef(false)
  const isMine = refund.requestedBy === person?.no
  const isNews = now !== null && now - Date.parse(refund.createdAt) < NEWS_MS
  const opens = refund.shows === 'cash_to_hand_out' && isMine && isNews
  useEffect(() => {
    if (!opens || opened.current) return
    opened.current = true
    void openDrawer()
  }, [opens])
  if (refund.shows !== 'cash_to_hand_out' || !hasDrawer()) return null
  return (
    <button className="act act-second" type="button" onClick={() => void openDrawer()}>
      {t('device.openDrawer')}
    </button>
  )
}
