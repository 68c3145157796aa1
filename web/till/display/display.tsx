/**
 * The page that faces the customer: what is to be paid, the code to scan, what became of it, what goes back and where to.
 * It only listens; the till on the same device speaks.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../src/texts/language.ts'
import { paymentTexts } from '../../../src/texts/payments.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { Amount } from '../../shared/amount.tsx'
import { MarkIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { FAMILY, FamilyIcon, PAYMENT_FAMILY, type Family } from '../../shared/standing.tsx'
import { Qr } from '../parts/qr.tsx'
import { SandboxLine } from '../parts/sandbox-line.tsx'
import { useTill } from '../queries.ts'
import { useSession } from '../session.ts'
import { DISPLAY_CHANNEL, type CustomerShown, type DisplayMessage } from './shown.ts'
import './display.css'

type Told = { readonly shown: CustomerShown; readonly language: Language }

function useTold(): Told {
  const [told, setTold] = useState<Told>(() => ({
    shown: { kind: 'idle' },
    language: currentLanguage(),
  }))
  useEffect(() => {
    const channel = new BroadcastChannel(DISPLAY_CHANNEL)
    channel.addEventListener('message', ({ data }: MessageEvent<DisplayMessage>) => {
      if (data.kind === 'show') setTold(data)
    })
    channel.postMessage({ kind: 'ask' } satisfies DisplayMessage)
    return () => channel.close()
  }, [])
  return told
}

export function DisplayScreen() {
  const { shown, language } = useTold()
  const { i18n } = useTranslation()
  const till = useTill(useSession().terminal)
  const t = i18n.getFixedT(language)
  useEffect(() => {
    document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN'
  }, [language])
  return (
    <div className="display">
      <header className="display-shop">
        <MarkIcon size={28} />
        <h1>{till.data?.store.name ?? t('app.name')}</h1>
      </header>
      {till.data?.sandbox && <SandboxLine />}
      <main className="display-main" aria-live="polite">
        <Shown shown={shown} language={language} />
      </main>
    </div>
  )
}

function Shown({ shown, language }: Told) {
  const { i18n } = useTranslation()
  const t = i18n.getFixedT(language)
  switch (shown.kind) {
    case 'idle':
      return <p className="display-welcome">{t('display.welcome')}</p>
    case 'amount':
      return (
        <Card family={null} title={t('display.toPay')} fen={shown.fen}>
          <p>{t(shown.fen > 0 ? 'display.showCode' : 'display.wait')}</p>
        </Card>
      )
    case 'payment': {
      const { title, tellCustomer } = paymentTexts[language][shown.word]
      if (shown.codeUrl !== null) {
        return (
          <Card family={null} title={t('display.scan')} fen={shown.fen} withCode>
            <Qr text={shown.codeUrl} label={t('display.scan')} />
          </Card>
        )
      }
      const isAsked = shown.word === 'password'
      return (
        <Card
          family={PAYMENT_FAMILY[shown.word]}
          title={isAsked ? tellCustomer : title}
          fen={shown.fen}
        >
          {!isAsked && <p>{tellCustomer}</p>}
        </Card>
      )
    }
    case 'refund': {
      const { title, tellCustomer } = stateTexts[language][shown.word]
      return (
        <Card family={FAMILY[shown.word]} title={title} fen={shown.fen}>
          {shown.destination !== null && (
            <p>
              {t('result.to')} {shown.destination}
            </p>
          )}
          <p>{tellCustomer}</p>
          <p className="display-safety">{t('display.safety')}</p>
        </Card>
      )
    }
  }
}

function Card({
  family,
  title,
  fen,
  withCode = false,
  children,
}: {
  family: Family | null
  title: string
  fen: number
  withCode?: boolean
  children: ReactNode
}) {
  const look = family === null ? '' : ` verdict-${family}`
  return (
    <section className={`display-card${withCode ? ' display-card-code' : ''}${look}`}>
      {family !== null && <FamilyIcon family={family} size={96} />}
      <h2>{title}</h2>
      <Amount fen={fen} size="huge" />
      {children}
    </section>
  )
}
