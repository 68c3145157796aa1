/** What became of a refund, as it becomes: the word, what to tell the customer, the slip. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { RefundShown } from '../../../src/api/contract.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { decisionText, reasonText } from '../../../src/texts/reasons.ts'
import { Refused } from '../../shared/api.ts'
import { PersonNeededIcon, PrintIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { FAMILY } from '../../shared/standing.tsx'
import { when } from '../../shared/when.ts'
import { Facts } from '../parts/facts.tsx'
import { useNo } from '../address.ts'
import { Screen } from '../parts/screen.tsx'
import { useRefundActs } from '../parts/refund-acts.tsx'
import { Steps } from '../parts/steps.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { Verdict } from '../parts/verdict.tsx'
import { useWhomToCall } from '../parts/call.tsx'
import { Drawer } from '../device/drawer.tsx'
import { useAnnouncement } from '../announce.ts'
import { useCustomerDisplay } from '../display/send.ts'
import { useRefund } from '../follow.ts'
import { dropIntent, readIntent, type Intent } from '../outbox.ts'
import { useNames } from '../names.ts'
import { queryClient, refundQuery } from '../queries.ts'
import { tell } from '../session.ts'
import { sendIntent } from '../submit.ts'
import { Number } from './sale.tsx'

export function ResultScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const no = useNo()
  const refund = useRefund(no)
  const kept = useQuery({ queryKey: ['intents', no], queryFn: () => readIntent(no) })
  const home = () => void navigate({ to: '/' })
  if (refund.data) return <Stored refund={refund.data} live={refund.live} onHome={home} />
  if (kept.data) return <Kept intent={kept.data} onHome={home} />
  return (
    <Screen title={t('result.title')} help="result" back={home}>
      {refund.isError ? (
        <Trouble error={refund.error} onRetry={() => void refund.refetch()} />
      ) : (
        <p className="muted">{t('common.loading')}</p>
      )}
    </Screen>
  )
}

function Stored({
  refund,
  live,
  onHome,
}: {
  refund: RefundShown
  live: boolean
  onHome: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { title, tellCustomer, next } = stateTexts[currentLanguage()][refund.shows]
  useAnnouncement(refund)
  const open = refund.state === 'sending' || refund.state === 'approved'
  const again = useMutation({
    mutationFn: () => tell(`/refunds/${refund.no}/query`, { method: 'POST' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: refundQuery(refund.no).queryKey }),
  })
  const paid = refund.attempts.findLast((attempt) => attempt.state === 'succeeded')
  const destination = paid?.destinationText ?? null
  useCustomerDisplay({
    kind: 'refund',
    word: refund.shows,
    fen: paid?.payerAmount ?? refund.amount,
    destination,
  })
  const acts = useRefundActs(refund)
  const names = useNames()
  const undecided = refund.state === 'requested' && acts.foot === null
  const call = useWhomToCall(!undecided)
  const family = FAMILY[refund.shows]
  const stuck = refund.shows === 'stuck'
  return (
    <Screen
      title={t('result.title')}
      help="result"
      back={onHome}
      foot={
        acts.foot ?? (
          <>
            <button
              className="act"
              type="button"
              onClick={() => void navigate({ to: '/slip/$no', params: { no: refund.no } })}
            >
              <PrintIcon />
              {t('result.printCustomer')}
            </button>
            <button className="act act-second" type="button" onClick={onHome}>
              {t('result.next')}
            </button>
          </>
        )
      }
    >
      {acts.over}
      <Verdict
        family={family}
        title={title}
        fen={paid?.payerAmount ?? refund.amount}
        lines={[next]}
      />
      {(family === 'needs-person' || undecided) && (
        <p className={`strip strip-${family} result-call`}>
          <PersonNeededIcon />
          <span>
            {call}
            {stuck && <span className="row-second">{t('result.stuckCard')}</span>}
          </span>
        </p>
      )}
      <Drawer refund={refund} />
      {tellCustomer !== '' && (
        <section className="card tell">
          <h2>{t('result.tell')}</h2>
          <p>{tellCustomer}</p>
        </section>
      )}
      {again.isError && <Trouble error={again.error} />}
      <section className="card">
        <Facts
          rows={[
            ...(destination === null ? [] : [[t('result.to'), destination] as const]),
            [t('confirm.reason'), reasonText(currentLanguage(), refund.reason)],
            ...(refund.endedReason === null
              ? []
              : [
                  [
                    t('result.endedReason'),
                    decisionText(currentLanguage(), refund.endedReason),
                  ] as const,
                ]),
            [
              t('result.by'),
              `${names.terminal(refund.terminal)} ${names.staff(refund.requestedBy)}`,
            ],
            [t('result.refundNo'), <Number key="n" text={refund.no} />],
            [t('sale.orderNo'), <Number key="o" text={refund.sale} />],
            [t('result.at'), when(refund.settledAt ?? refund.createdAt)],
          ]}
        />
        {open && (
          <button
            className="link"
            type="button"
            disabled={again.isPending}
            onClick={() => again.mutate()}
          >
            {t('result.ask')}
            <span className="muted small note">{t(live ? 'result.live' : 'result.polling')}</span>
          </button>
        )}
      </section>
      {acts.list}
      <Steps no={refund.no} />
    </Screen>
  )
}

/** Only this device knows of it: certainly not sent, or sent without an answer. */
function Kept({ intent, onHome }: { intent: Intent; onHome: () => void }) {
  const { t } = useTranslation()
  const goOn = useMutation({
    mutationFn: () => sendIntent(intent),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ['intents', intent.no] }),
        queryClient.invalidateQueries({ queryKey: refundQuery(intent.no).queryKey }),
      ]),
  })
  const drop = useMutation({
    mutationFn: () => dropIntent(intent.no),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['intents'] })
      onHome()
    },
  })
  const refused = goOn.error instanceof Refused
  return (
    <Screen
      title={t('result.title')}
      help="result"
      back={onHome}
      foot={
        <>
          <button
            className="act"
            type="button"
            disabled={goOn.isPending}
            onClick={() => goOn.mutate()}
          >
            {goOn.isPending ? t('confirm.working') : t('result.goOn')}
          </button>
          {(!intent.sent || refused) && (
            <button className="act act-second" type="button" onClick={() => drop.mutate()}>
              {t('result.drop')}
            </button>
          )}
        </>
      }
    >
      {goOn.isError && <Trouble error={goOn.error} />}
      <Verdict
        family="not-known"
        title={t(intent.sent ? 'result.sent' : 'result.unsent')}
        fen={intent.amount}
        lines={
          intent.sent
            ? [t('result.sentWhat'), t('result.sentNext')]
            : [t('result.unsentWhat'), t('result.unsentNext')]
        }
      />
      <section className="card">
        <Facts
          rows={[
            [t('result.refundNo'), <Number key="n" text={intent.no} />],
            [t('sale.orderNo'), <Number key="o" text={intent.sale} />],
          ]}
        />
      </section>
    </Screen>
  )
}
