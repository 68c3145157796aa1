/** Where everything starts: scan to refund, and what else a cashier does. */
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import {
  HelpIcon,
  ListIcon,
  MoreIcon,
  PayIcon,
  ScanIcon,
  SearchIcon,
  ShiftIcon,
} from '../../shared/icons.tsx'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { NotedNumbers } from '../parts/noted-numbers.tsx'
import { NewVersion } from '../parts/new-version.tsx'
import { PendingSlips } from '../parts/pending-slips.tsx'
import { newPayDraft, setPayDraft } from '../pay/draft.ts'
import { Screen } from '../parts/screen.tsx'
import { Unfinished } from '../parts/unfinished.tsx'
import { useTill } from '../queries.ts'
import { signOut, useSession } from '../session.ts'
import { useCurrentShift } from '../shift.ts'

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
        <SignOut />
      </p>
      <ShiftHint />
      <NewVersion />
      <Unfinished />
      <NotedNumbers />
      <PendingSlips />
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
          icon={<ShiftIcon size={32} />}
          label={t('home.shift')}
          onClick={() => void navigate({ to: '/shift' })}
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

/** In nobody’s way: money moves without a shift, too. */
function ShiftHint() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  if (useCurrentShift().data !== null) return null
  return (
    <button
      className="link shift-hint"
      type="button"
      onClick={() => void navigate({ to: '/shift' })}
    >
      {t('shift.hint')} ›
    </button>
  )
}

/** Whoever leaves with a shift open is asked once whether they hand over first; nobody is kept. */
function SignOut() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { person } = useSession()
  const shift = useCurrentShift()
  const [asked, setAsked] = useState(false)
  const leave = () => void signOut().catch(() => undefined)
  const mine = shift.data != null && shift.data.staff === person?.no
  if (!asked)
    return (
      <button className="bar-text" type="button" onClick={() => (mine ? setAsked(true) : leave())}>
        {t('home.signOut')}
      </button>
    )
  return (
    <span className="home-leave">
      <button
        className="bar-text"
        type="button"
        onClick={() => void navigate({ to: '/shift/close' })}
      >
        {t('shift.handOverFirst')}
      </button>
      <button className="bar-text" type="button" onClick={leave}>
        {t('shift.leaveOnly')}
      </button>
    </span>
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
