/** Sales that somebody came with while the server was away. */
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { SearchIcon } from '../../shared/icons.tsx'
import { when } from '../../shared/when.ts'
import { dropNoted, useNoted } from '../noted.ts'
import { leaveCode } from '../scan/codes.ts'

const TAIL = 6

export function NotedNumbers() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <>
      {useNoted().map(({ number, at }) => (
        <div className="strip strip-not-known pending-slip" key={number}>
          <SearchIcon />
          <button
            className="link"
            type="button"
            onClick={() => {
              leaveCode(number)
              void navigate({ to: '/scan' })
            }}
          >
            {t('scan.noted', { tail: number.slice(-TAIL), at: when(at) })}
          </button>
          <button className="bar-text" type="button" onClick={() => dropNoted(number)}>
            {t('scan.unnote')}
          </button>
        </div>
      ))}
    </>
  )
}
