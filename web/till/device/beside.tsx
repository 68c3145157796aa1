/** What the device beside the page does by itself while somebody is signed in: its scan key, its keys, its warning. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PersonNeededIcon } from '../../shared/icons.tsx'
import { newPayDraft, setPayDraft } from '../pay/draft.ts'
import { giveCode } from '../scan/codes.ts'
import type { DeviceKey } from './bridge.ts'
import { listenToKeys, listenToScanKey, listenToTamper } from './device.ts'

export function Device() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [isOpened, setIsOpened] = useState(false)
  const press = useEffectEvent((key: DeviceKey) => {
    if (key === 'pay') setPayDraft(newPayDraft())
    void navigate({ to: WAYS[key] })
  })
  useEffect(() => {
    const stops = [
      listenToScanKey(giveCode),
      listenToKeys((key) => press(key)),
      listenToTamper(() => setIsOpened(true)),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  if (!isOpened) return null
  return (
    <div className="strip strip-needs-person tamper" role="alert">
      <PersonNeededIcon />
      <span>{t('device.tamper')}</span>
      <button className="bar-text" type="button" onClick={() => setIsOpened(false)}>
        {t('device.seen')}
      </button>
    </div>
  )
}

const WAYS = { refund: '/scan', pay: '/pay', home: '/', reprint: '/bills' } as const
