/** A list that comes page by page: what is there, what is not, and more on request. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { EndedIcon } from '../../shared/icons.tsx'
import { Trouble } from './trouble.tsx'

export type Pages = {
  readonly isPending: boolean
  readonly error: Error | null
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly fetchNextPage: () => unknown
  readonly refetch: () => unknown
}

export function PageList({
  pages,
  empty,
  children,
}: {
  pages: Pages
  /** What is not there, and what to do; two sentences. */
  empty: readonly [what: string, next: string]
  children: readonly ReactNode[]
}) {
  const { t } = useTranslation()
  if (pages.isPending) return <p className="muted center list-note">{t('common.loading')}</p>
  return (
    <>
      {pages.error && <Trouble error={pages.error} onRetry={() => void pages.refetch()} />}
      {children.length === 0 && !pages.error && (
        <div className="center muted list-note">
          <EndedIcon size={40} />
          <p>{empty[0]}</p>
          <p className="small">{empty[1]}</p>
        </div>
      )}
      {children.length > 0 && <section className="card list-card">{children}</section>}
      {pages.hasNextPage && (
        <button
          className="act act-second"
          type="button"
          disabled={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t(pages.isFetchingNextPage ? 'common.loading' : 'bills.more')}
        </button>
      )}
    </>
  )
}
