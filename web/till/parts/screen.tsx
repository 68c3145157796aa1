/** The frame of every screen: where I am, what it shows, how it is done, and at most one act at the thumb. */
import { useRouter, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useLayoutEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { BackIcon, HelpIcon } from '../../shared/icons.tsx'
import type { HelpTopic } from '../help/topics.ts'

const HelpPage = lazy(async () => ({
  default: (await import('../help/help-page.tsx')).HelpPage,
}))

export function Screen({
  title,
  back = true,
  side,
  help,
  foot,
  children,
}: {
  title: string
  /** Where "back" leads; true: where I came from; false: this is where everything starts. */
  back?: boolean | (() => void)
  side?: ReactNode
  /** What the `?` in the bar explains; without one there is no `?`. */
  help?: HelpTopic
  foot?: ReactNode
  children: ReactNode
}) {
  const { t } = useTranslation()
  const router = useRouter()
  const helping = useHelp()
  const goBack = typeof back === 'function' ? back : () => router.history.back()
  return (
    <>
      {help !== undefined && helping.isOpen && (
        <Suspense fallback={<p className="screen muted">{t('common.loading')}</p>}>
          <HelpPage topic={help} />
        </Suspense>
      )}
      <div className="screen" hidden={help !== undefined && helping.isOpen}>
        <header className="bar">
          {back !== false && (
            <button
              className="bar-back"
              type="button"
              onClick={goBack}
              aria-label={t('common.back')}
            >
              <BackIcon />
            </button>
          )}
          <h1>{title}</h1>
          <div className="bar-side">
            {side}
            {help !== undefined && (
              <button
                className="bar-help"
                type="button"
                onClick={helping.open}
                aria-label={t('home.help')}
              >
                <HelpIcon />
              </button>
            )}
          </div>
        </header>
        <main className="body">{children}</main>
        {foot !== undefined && foot !== null && foot !== false && (
          <div className="foot">{foot}</div>
        )}
      </div>
    </>
  )
}

/**
 * Help lies over the screen, which keeps what was typed. It is an entry of the history at the same address, so that the
 * device's own back key leads out of it.
 */
function useHelp(): { readonly isOpen: boolean; readonly open: () => void } {
  const { history } = useRouter()
  const scrolled = useRouterState({ select: ({ location }) => location.state.helpOver })
  const isOpen = scrolled !== undefined
  useLayoutEffect(() => {
    if (!isOpen) return
    globalThis.scrollTo(0, 0)
    return () => globalThis.scrollTo(0, scrolled)
  }, [isOpen, scrolled])
  return {
    isOpen,
    open: () => history.push(history.location.href, { helpOver: globalThis.scrollY }),
  }
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Help is open over the screen, which was scrolled this far. */
    helpOver?: number
  }
}
