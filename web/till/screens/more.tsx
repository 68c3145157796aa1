/** What is needed seldom: codes for colleagues and devices, one's own PIN, the language, leaving. */
import './more.css'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import {
  CallIcon,
  CheckUpIcon,
  KeyIcon,
  ListIcon,
  LockIcon,
  RulesIcon,
  ShiftIcon,
  SlipCheckIcon,
  TerminalIcon,
} from '../../shared/icons.tsx'
import { chooseLanguage, currentLanguage } from '../../shared/language.ts'
import { LANGUAGES, type Language } from '../../../src/texts/language.ts'
import { decides } from '../acts.ts'
import { Choices } from '../parts/choices.tsx'
import { Screen } from '../parts/screen.tsx'
import { lock, signOut, useSession } from '../session.ts'

const NAMES: Readonly<Record<Language, string>> = { zh: '中文', en: 'English' }

export function MoreScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { person } = useSession()
  if (person === null) return null
  return (
    <Screen title={t('common.more')}>
      {decides(person) && (
        <section className="card">
          <h2>{t('more.manager')}</h2>
          <Entry
            icon={<ListIcon />}
            name={t('more.toDecide')}
            means={t('more.toDecideMeans')}
            onClick={() =>
              void navigate({
                to: '/bills',
                search: { kind: 'refunds', scope: 'store', state: 'requested' },
              })
            }
          />
          <Entry
            icon={<ShiftIcon />}
            name={t('day.title')}
            means={t('more.dayMeans')}
            onClick={() => void navigate({ to: '/day' })}
          />
          <Entry
            icon={<KeyIcon />}
            name={t('approval.title')}
            means={t('more.approvalMeans')}
            onClick={() => void navigate({ to: '/approval-code' })}
          />
          <Entry
            icon={<TerminalIcon />}
            name={t('enrolment.title')}
            means={t('more.enrolmentMeans')}
            onClick={() => void navigate({ to: '/enrolment' })}
          />
        </section>
      )}
      <section className="card">
        <h2>{person.name}</h2>
        <Entry
          icon={<KeyIcon />}
          name={t('pin.title')}
          means={t('more.pinMeans')}
          onClick={() => void navigate({ to: '/pin' })}
        />
        <Entry
          icon={<LockIcon />}
          name={t('more.lock')}
          means={t('more.lockMeans')}
          onClick={lock}
        />
      </section>
      <section className="card">
        <h2>{t('more.till')}</h2>
        <Entry
          icon={<CheckUpIcon />}
          name={t('selfCheck.title')}
          means={t('more.selfCheckMeans')}
          onClick={() => void navigate({ to: '/self-check' })}
        />
        <Entry
          icon={<SlipCheckIcon />}
          name={t('slipCheck.title')}
          means={t('more.slipCheckMeans')}
          onClick={() => void navigate({ to: '/slip-check' })}
        />
        <Entry
          icon={<CallIcon />}
          name={t('notArrived.title')}
          means={t('more.notArrivedMeans')}
          onClick={() => void navigate({ to: '/not-arrived' })}
        />
        <Entry
          icon={<RulesIcon />}
          name={t('channelRules.title')}
          means={t('more.rulesMeans')}
          onClick={() => void navigate({ to: '/rules' })}
        />
      </section>
      <section className="card">
        <h2>{t('more.language')}</h2>
        <Choices
          wide
          label={t('more.language')}
          of={LANGUAGES.map((language) => ({ value: language, label: NAMES[language] }))}
          value={currentLanguage()}
          onChange={(language) => void chooseLanguage(language)}
        />
      </section>
      <button
        className="act act-second sign-out"
        type="button"
        onClick={() => {
          void navigate({ to: '/' })
          void signOut().catch(() => undefined)
        }}
      >
        {t('home.signOut')}
      </button>
    </Screen>
  )
}

function Entry({
  icon,
  name,
  means,
  onClick,
}: {
  icon: ReactNode
  name: string
  means: string
  onClick: () => void
}) {
  return (
    <button className="row entry" type="button" onClick={onClick}>
      <span className="entry-icon">{icon}</span>
      <span className="entry-words">
        {name}
        <span className="muted small row-second">{means}</span>
      </span>
    </button>
  )
}
