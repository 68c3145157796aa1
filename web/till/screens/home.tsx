/** Where everything starts: scan to refund, and what else a cashier does. */
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { HelpIcon, ListIcon, MoreIcon, PayIcon, ScanIcon, SearchIcon } from '../../shared/icons.tsx'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { NewVersion } from '../parts/new-version.tsx'
import { newPayDraft, setPayDraft } from '../pay/draft.ts'
import { Screen } from '../parts/screen.tsx'
import { Unfinished } from '../parts/unfinished.tsx'
import { useTill } from '../queries.ts'
import { signOut, useSession } from '../session.ts'

export function HomeScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { terminal, person } = useSession()
  const till = useTill(terminal)
  return (
    <Screen
      title={till.data ? `${till.data.store.name} · ${till.data.terminal.name}` : t('app.name')}
      back={false}
      side={<LanguageSwitch />}
    >
      <p className="home-who">
        <strong>{person?.name}</strong>
        <button
          className="bar-text"
          type="button"
          onClick={() => void signOut().catch(() => undefined)}
        >
          {t('home.signOut')}
        </button>
      </p>
      <NewVersion />
      <Unfinished />
      <button className="home-scan" type="button" onClick={() => void navigate({ to: '/scan' })}>
        <ScanIcon size={44} />
        <strong>{t('home.scan')}</strong>
        <span>{t('home.scanHint')}</span>
      </button>
      <div className="tiles">
        <Tile
          icon={<PayIcon size={32} />}
          label={t('home.pay')}
          onClick={() => {
            setPayDraft(newPayDraft())
            void navigate({ to: '/pay' })
          }}
        />
        <Tile
          icon={<ListIcon size={32} />}
          label={t('home.bills')}
          onClick={() => void navigate({ to: '/bills' })}
        />
        <Tile
          icon={<SearchIcon size={32} />}
          label={t('home.search')}
          onClick={() => void navigate({ to: '/search' })}
        />
        <Tile
          icon={<HelpIcon size={32} />}
          label={t('home.help')}
          onClick={() => void navigate({ to: '/help' })}
        />
        <Tile
          icon={<MoreIcon size={32} />}
          label={t('common.more')}
          onClick={() => void navigate({ to: '/more' })}
        />
      </div>
    </Screen>
  )
}

function Tile({ icon, label, onClick }: { icon: ReactNode; label: string; onClick: () => void }) {
  return (
    <button className="tile" type="button" onClick={onClick}>
      {icon}
      <span>{label}</span>
    </button>
  )
}
