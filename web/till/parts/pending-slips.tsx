/** Paper that is still owed to somebody. */
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { PrintIcon } from '../../shared/icons.tsx'
import { when } from '../../shared/when.ts'
import { dropPending, usePending } from '../pending-slips.ts'

export function PendingSlips() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <>
      {usePending().map((slip) => (
        <div className="strip strip-not-known pending-slip" key={slip.path + slip.at}>
          <PrintIcon />
          <button className="link" type="button" onClick={() => void navigate({ to: slip.screen })}>
            {t('slip.pending', { title: slip.title, at: when(slip.at) })}
          </button>
          <button className="bar-text" type="button" onClick={() => dropPending(slip)}>
            {t('slip.drop')}
          </button>
        </div>
      ))}
    </>
  )
}
