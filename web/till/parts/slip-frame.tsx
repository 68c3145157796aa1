/** A slip looked at, and printed where there is paper: the same for refunds, receipts, shifts and days. */
import './slip-frame.css'
import { useQuery } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { PrintIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { dropPending, keepPending } from '../pending-slips.ts'
import {
  choosePaper,
  choosePrinter,
  PAPERS,
  printersHere,
  usePaper,
  usePrint,
  usePrinter,
  type Outcome,
  type SlipAddress,
} from '../printing.ts'
import { useTill } from '../queries.ts'
import { tell, useSession } from '../session.ts'
import { Choices } from './choices.tsx'
import { Screen } from './screen.tsx'
import { Trouble } from './trouble.tsx'

export function SlipFrame({
  title,
  slip,
  back = true,
  children,
}: {
  title: string
  slip: SlipAddress
  back?: boolean | (() => void)
  /** Which of its copies is shown. */
  children?: ReactNode
}) {
  const { t } = useTranslation()
  const till = useTill(useSession().terminal)
  const hasNetworkPrinter = till.data?.terminal.hasPrinter ?? false
  const printer = usePrinter(hasNetworkPrinter)
  const paper = usePaper()
  const which = new URLSearchParams(
    Object.entries(slip.which).map(([name, value]) => [name, String(value)]),
  ).toString()
  const seen = useQuery({
    queryKey: ['slip', slip.path, which, paper, currentLanguage()],
    queryFn: () =>
      tell<string>(`${slip.path}/slip?${which}&paper=${paper}&format=svg`, { as: 'text' }),
    gcTime: 0,
  })
  const print = usePrint(slip, printer)
  const outcome = print.data
  const screen = useRouterState({ select: ({ location }) => location.pathname })
  const { refetch } = seen
  useEffect(() => {
    if (outcome === undefined) return
    if (cameOut(outcome)) dropPending(slip)
    else keepPending(slip, title, screen)
    void refetch()
    // The slip is the same as long as the screen is.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [outcome, refetch])
  return (
    <Screen
      title={title}
      back={back}
      help="slip"
      foot={
        <button
          className="act"
          type="button"
          disabled={print.isPending}
          onClick={() => print.mutate()}
        >
          <PrintIcon />
          {t(print.isPending ? 'slip.printing' : 'common.print')}
        </button>
      }
    >
      {children}
      {outcome && (
        <output className={`strip ${cameOut(outcome) ? 'strip-on-its-way' : 'strip-not-known'}`}>
          {t(`slip.results.${outcome.result}`)}
        </output>
      )}
      {print.isError && <Trouble error={print.error} />}
      {seen.isError && <Trouble error={seen.error} onRetry={() => void refetch()} />}
      {seen.isPending && <p className="muted">{t('slip.looking')}</p>}
      {seen.data !== undefined && (
        <div className="paper">
          <img
            alt={title}
            src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(seen.data)}`}
          />
        </div>
      )}
      <section className="card slip-by">
        <h2>{t('slip.by')}</h2>
        <Choices
          label={t('slip.by')}
          of={printersHere(hasNetworkPrinter).map((each) => ({
            value: each,
            label: t(`slip.printers.${each}`),
          }))}
          value={printer}
          onChange={choosePrinter}
        />
        <h2>{t('slip.width')}</h2>
        <Choices
          label={t('slip.width')}
          of={PAPERS.map((each) => ({ value: each, label: each.replace('mm', ' mm') }))}
          value={paper}
          onChange={choosePaper}
        />
      </section>
    </Screen>
  )
}

/** As far as anybody can tell. */
const cameOut = ({ result }: Outcome): boolean => result === 'printed' || result === 'shown'
