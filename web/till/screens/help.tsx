/** Where help begins: what to do in trouble, how each screen is used, what each word means, whom to call. */
import '../help/help.css'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { SHOWN_WORDS } from '../../../src/domain/shown.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import {
  CallIcon,
  CheckUpIcon,
  GoOnIcon,
  PersonNeededIcon,
  RulesIcon,
  SlipCheckIcon,
} from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { Standing } from '../../shared/standing.tsx'
import { useTopic } from '../address.ts'
import { HelpTopic } from '../help/help-topic.tsx'
import { HELP_TOPICS, topicOf } from '../help/topics.ts'
import { Contacts } from '../parts/contacts.tsx'
import { Screen } from '../parts/screen.tsx'

const TOOLS = [
  { to: '/not-arrived', Icon: CallIcon, name: 'notArrived.title' },
  { to: '/slip-check', Icon: SlipCheckIcon, name: 'slipCheck.title' },
  { to: '/rules', Icon: RulesIcon, name: 'channelRules.title' },
  { to: '/self-check', Icon: CheckUpIcon, name: 'selfCheck.title' },
] as const

export function HelpScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const words = stateTexts[currentLanguage()]
  return (
    <Screen title={t('help.title')}>
      <p className="strip strip-not-known help-golden">
        <PersonNeededIcon />
        {t('help.golden')}
      </p>
      <section className="card">
        <h2>{t('help.tools')}</h2>
        {TOOLS.map(({ to, Icon, name }) => (
          <Entry key={to} icon={<Icon />} onClick={() => void navigate({ to })}>
            {t(name)}
          </Entry>
        ))}
      </section>
      <section className="card">
        <h2>{t('help.topicsTitle')}</h2>
        {HELP_TOPICS.map((topic) => (
          <Entry
            key={topic}
            onClick={() => void navigate({ to: '/help/$topic', params: { topic } })}
          >
            {t(`help.topics.${topic}.title`)}
          </Entry>
        ))}
      </section>
      <section className="card">
        <h2>{t('help.states')}</h2>
        <p className="muted small">{t('help.statesLead')}</p>
        {SHOWN_WORDS.map((word) => (
          <div className="help-state" key={word}>
            <Standing word={word} text={words[word].title} />
            <p>{words[word].next}</p>
            {words[word].tellCustomer !== '' && (
              <p className="muted">
                {t('help.tell')}: {words[word].tellCustomer}
              </p>
            )}
          </div>
        ))}
      </section>
      <section className="card">
        <h2>{t('help.contact')}</h2>
        <Contacts />
      </section>
    </Screen>
  )
}

function Entry({
  icon,
  onClick,
  children,
}: {
  icon?: ReactNode
  onClick: () => void
  children: ReactNode
}) {
  return (
    <button className="row help-entry" type="button" onClick={onClick}>
      {icon}
      <span>{children}</span>
      <span className="row-end">
        <GoOnIcon size={20} />
      </span>
    </button>
  )
}

export function HelpTopicScreen() {
  const { t } = useTranslation()
  const topic = topicOf(useTopic()) ?? 'home'
  return (
    <Screen title={t('help.of', { title: t(`help.topics.${topic}.title`) })}>
      <HelpTopic topic={topic} />
    </Screen>
  )
}
