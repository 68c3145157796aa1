/** What went wrong, in the server's words where it has some, and what to do. */
import { useTranslation } from 'react-i18next'
import { Refused, Unanswered } from '../../shared/api.ts'
import { OfflineIcon, PersonNeededIcon } from '../../shared/icons.tsx'

function useTroubleWords(): (error: unknown) => { title: string; detail: string } {
  const { t } = useTranslation()
  return (error) => {
    if (error instanceof Refused) return { title: error.title, detail: error.detail }
    return error instanceof Unanswered
      ? { title: t('trouble.unanswered'), detail: t('trouble.unansweredDetail') }
      : { title: t('trouble.unexpected'), detail: t('trouble.unexpectedDetail') }
  }
}

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  const { title, detail } = useTroubleWords()(error)
  const silent = error instanceof Unanswered
  return (
    <div className={`strip ${silent ? 'strip-not-known' : 'strip-needs-person'}`} role="alert">
      {silent ? <OfflineIcon /> : <PersonNeededIcon />}
      <div>
        <strong>{title}</strong>
        {detail !== '' && <div>{detail}</div>}
        {onRetry && (
          <button className="link" type="button" onClick={onRetry}>
            {t('common.retry')}
          </button>
        )}
      </div>
    </div>
  )
}
