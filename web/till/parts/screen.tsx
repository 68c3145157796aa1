/** The frame of every screen: where I am, what it shows, and at most one act at the thumb. */
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { BackIcon } from '../../shared/icons.tsx'

export function Screen({
  title,
  back = true,
  side,
  foot,
  children,
}: {
  title: string
  /** Where "back" leads; true: where I came from; false: this is where everything starts. */
  back?: boolean | (() => void)
  side?: ReactNode
  foot?: ReactNode
  children: ReactNode
}) {
  const { t } = useTranslation()
  const router = useRouter()
  const goBack = typeof back === 'function' ? back : () => router.history.back()
  return (
    <div className="screen">
      <header className="bar">
        {back !== false && (
          <button className="bar-back" type="button" onClick={goBack} aria-label={t('common.back')}>
            <BackIcon />
          </button>
        )}
        <h1>{title}</h1>
        <div className="bar-side">{side}</div>
      </header>
      <main className="body">{children}</main>
      {foot !== undefined && foot !== null && foot !== false && <div className="foot">{foot}</div>}
    </div>
  )
}
