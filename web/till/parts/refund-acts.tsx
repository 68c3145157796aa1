/** What may be done with a refund here: the urgent acts at the thumb, the others as a list, each asked about first. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { RefundShown } from '../../../src/api/contract.ts'
import {
  CLOSE_REASONS,
  REJECT_REASONS,
  STOP_REASONS,
  type DecisionReason,
} from '../../../src/domain/reasons.ts'
import { decisionText } from '../../../src/texts/reasons.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { actsOf, decides, type RefundAct } from '../acts.ts'
import { startDraft } from '../draft.ts'
import { queryClient, refundQuery } from '../queries.ts'
import { tell, useSession } from '../session.ts'
import { Choices } from './choices.tsx'
import { fenOfText, Keypad, typed } from './keypad.tsx'
import { SecondPerson, type SecondFor } from './second-person.tsx'
import { Sheet } from './sheet.tsx'
import { Trouble } from './trouble.tsx'

/** These cannot wait, so they are where printing is otherwise. */
const AT_THE_THUMB: readonly RefundAct[] = ['cash_paid', 'cash_not_paid', 'approve', 'reject']

const REASONS: Readonly<Partial<Record<RefundAct, readonly DecisionReason[]>>> = {
  reject: REJECT_REASONS,
  stop: STOP_REASONS,
  close: CLOSE_REASONS,
}

/** Sending to the channel is part of the answer. */
const ACT_TIMEOUT_MS = 20_000

type Request = { readonly path: string; readonly body?: object; readonly second?: string }

export type OfferedActs = {
  /** Null: nothing is urgent. */
  readonly foot: ReactNode
  /** Null: there are none. */
  readonly list: ReactNode
  /** A question, and what went wrong. */
  readonly over: ReactNode
}

export function useRefundActs(refund: RefundShown): OfferedActs {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { person } = useSession()
  const [asks, setAsks] = useState<RefundAct | null>(null)
  const key = refundQuery(refund.no).queryKey
  const send = useMutation({
    mutationFn: ({ path, ...asking }: Request) =>
      tell<RefundShown>(`/refunds/${refund.no}/${path}`, {
        method: 'POST',
        timeoutMs: ACT_TIMEOUT_MS,
        ...asking,
      }),
    onSuccess: (stored) => queryClient.setQueryData(key, stored),
    onSettled: () => {
      setAsks(null)
      return Promise.all([
        queryClient.invalidateQueries({ queryKey: key }),
        queryClient.invalidateQueries({ queryKey: ['sale', refund.sale] }),
        queryClient.invalidateQueries({ queryKey: ['refunds'] }),
      ])
    },
  })
  const acts = person === null ? [] : actsOf(refund, person)
  const urgent = acts.filter((act) => AT_THE_THUMB.includes(act))
  const others = acts.filter((act) => !AT_THE_THUMB.includes(act))
  const begin = (act: RefundAct) => {
    if (act === 'cash_paid') return send.mutate({ path: 'cash', body: { answer: 'paid' } })
    if (act !== 'replace') return setAsks(act)
    startDraft(refund.sale, refund.payment, refund.no)
    return void navigate({ to: '/amount' })
  }
  return {
    foot:
      urgent.length === 0 ? null : (
        <>
          {urgent.map((act, place) => (
            <button
              key={act}
              className={place === 0 ? 'act' : 'act act-second'}
              type="button"
              disabled={send.isPending}
              onClick={() => begin(act)}
            >
              {send.isPending && place === 0
                ? t('confirm.working')
                : t(`acts.${act}.name`, { amount: money(refund.amount) })}
            </button>
          ))}
        </>
      ),
    list:
      others.length === 0 ? null : (
        <section className="card">
          <h2>{t('acts.title')}</h2>
          {others.map((act) => (
            <button
              key={act}
              className="row"
              type="button"
              disabled={send.isPending}
              onClick={() => begin(act)}
            >
              <span>
                {t(`acts.${act}.name`, { amount: money(refund.amount) })}
                <span className="muted small row-second">{t(`acts.${act}.means`)}</span>
              </span>
            </button>
          ))}
        </section>
      ),
    over: (
      <>
        {send.isError && <Trouble error={send.error} />}
        {asks !== null && (
          <Question
            key={asks}
            act={asks}
            refund={refund}
            working={send.isPending}
            onSend={send.mutate}
            onClose={() => setAsks(null)}
          />
        )}
      </>
    ),
  }
}

type QuestionProps = {
  readonly act: RefundAct
  readonly refund: RefundShown
  readonly working: boolean
  readonly onSend: (request: Request) => void
  readonly onClose: () => void
}

/** Reason or amount, then a second person where the act takes one. */
function Question({ act, refund, working, onSend, onClose }: QuestionProps) {
  const { t } = useTranslation()
  const { person } = useSession()
  const [reason, setReason] = useState<DecisionReason | null>(null)
  const [text, setText] = useState('')
  const [answered, setAnswered] = useState(act === 'cash_not_paid')
  const second = secondFor(act, refund.no, person !== null && decides(person))
  const reasons = REASONS[act]
  const fen = fenOfText(text)
  const whole = refund.amount + refund.feeKept
  const lowered = act !== 'lower' || (fen !== null && fen > 0 && fen < whole)
  const request = requestOf(act, reason, fen ?? 0)
  if (answered && second)
    return (
      <SecondPerson
        what={second}
        onDone={(token) => onSend({ ...request, second: token })}
        onClose={onClose}
      />
    )
  const words = { amount: money(refund.amount) }
  return (
    <Sheet
      title={t(`acts.${act}.name`, words)}
      act={working ? t('confirm.working') : t(`acts.${act}.act`, words)}
      disabled={working || !lowered || (reasons !== undefined && reason === null)}
      onAct={() => (second ? setAnswered(true) : onSend(request))}
      onClose={onClose}
    >
      <p className="muted small sheet-lead">{t(`acts.${act}.means`)}</p>
      {reasons && (
        <Choices
          label={t('confirm.reason')}
          of={reasons.map((value) => ({ value, label: decisionText(currentLanguage(), value) }))}
          value={reason}
          onChange={setReason}
        />
      )}
      {act === 'lower' && (
        <>
          <p className="center" aria-live="polite">
            <Amount fen={fen ?? 0} size="large" />
          </p>
          <p className="center muted small sheet-lead">
            {t('acts.lower.below', { amount: money(whole) })}
          </p>
          <Keypad onKey={(each) => setText(typed(text, each))} />
        </>
      )}
    </Sheet>
  )
}

/** Nobody stops a send alone unless they may decide; the others always take two. */
function secondFor(act: RefundAct, refund: string, decider: boolean): SecondFor | null {
  if (act === 'cash_not_paid' || act === 'cash_instead' || act === 'close') return { act, refund }
  return act === 'stop' && !decider ? { act, refund } : null
}

function requestOf(act: RefundAct, reason: DecisionReason | null, fen: number): Request {
  switch (act) {
    case 'cash_paid':
      return { path: 'cash', body: { answer: 'paid' } }
    case 'cash_not_paid':
      return { path: 'cash', body: { answer: 'not_paid' } }
    case 'approve':
    case 'withdraw':
      return { path: act }
    case 'reject':
    case 'stop':
    case 'close':
      return { path: act, body: { reason } }
    case 'lower':
      return { path: act, body: { amount: fen } }
    case 'send_again':
      return { path: 'send-again', body: { method: 'original' } }
    case 'cash_instead':
      return { path: 'send-again', body: { method: 'cash' } }
    case 'to_merchant':
      return { path: 'remedy', body: { remedy: 'to_merchant' } }
    case 'replace':
      throw new Error('a replacement is a request of its own')
  }
}
