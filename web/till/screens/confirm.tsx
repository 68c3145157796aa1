/** What will happen, before it does; the button names the act. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PreviewShown } from '../../../src/api/contract-till.ts'
import { REFUND_REASONS } from '../../../src/domain/reasons.ts'
import { reasonText } from '../../../src/texts/reasons.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { UnknownIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { bodyOf, setDraft, useDraft, type Draft } from '../draft.ts'
import { Choices } from '../parts/choices.tsx'
import { Facts } from '../parts/facts.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { SecondPerson } from '../parts/second-person.tsx'
import { submitRefund } from '../submit.ts'
import { tell, useSession } from '../session.ts'

export function ConfirmScreen() {
  const draft = useDraft()
  return draft === null ? <Navigate to="/" replace /> : <Confirm draft={draft} />
}

function Confirm({ draft }: { draft: Draft }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { person } = useSession()
  const [asksSecond, setAsksSecond] = useState(false)
  const preview = useQuery({
    queryKey: ['preview', bodyOf(draft)],
    queryFn: () => tell<PreviewShown>('/refunds/preview', { method: 'POST', body: bodyOf(draft) }),
    gcTime: 0,
  })
  const submit = useMutation({
    mutationFn: (second: string | null) =>
      submitRefund(draft, { amount: preview.data?.amount ?? 0, by: person?.name ?? '', second }),
    onSuccess: () => void navigate({ to: '/refund/$no', params: { no: draft.no }, replace: true }),
  })
  const seen = preview.data
  const waits = seen?.verdict === 'needs_approval'
  const label = seen
    ? t(waits ? 'confirm.file' : 'confirm.act', { amount: money(seen.amount) })
    : '…'
  return (
    <Screen
      title={t('confirm.title')}
      help="confirm"
      foot={
        <>
          {waits && seen.second === 'pin_or_code' && (
            <button className="act" type="button" onClick={() => setAsksSecond(true)}>
              {t('second.act')}
            </button>
          )}
          <button
            className={waits ? 'act act-second' : 'act'}
            type="button"
            disabled={!seen || submit.isPending}
            onClick={() => submit.mutate(null)}
          >
            {submit.isPending ? t('confirm.working') : label}
          </button>
        </>
      }
    >
      {preview.isError && <Trouble error={preview.error} onRetry={() => void preview.refetch()} />}
      {submit.isError && <Trouble error={submit.error} />}
      {asksSecond && seen && (
        <SecondPerson
          what={{
            act: 'refund',
            payment: draft.payment,
            amount: seen.amount + seen.feeKept,
            method: draft.method,
          }}
          onDone={(second) => submit.mutate(second)}
          onClose={() => setAsksSecond(false)}
        />
      )}
      {seen && (
        <section className="card">
          <p className="center">
            <Amount fen={seen.amount} size="huge" />
          </p>
          <Facts
            rows={[
              [t('confirm.route'), seen.route],
              [t('confirm.arrival'), seen.arrival.says],
              [
                t('confirm.fee'),
                seen.feeKept === 0
                  ? t('confirm.noFee')
                  : t('confirm.feeKept', { amount: money(seen.feeKept) }),
              ],
            ]}
          />
          {seen.plan.when === 'at' && <p className="small not-known-text">{seen.plan.says}</p>}
          {seen.discountNote !== null && <p className="muted small">{seen.discountNote}</p>}
        </section>
      )}
      {waits && (
        <div className="strip strip-not-known">
          <UnknownIcon />
          <div>
            {seen.why.map((why) => (
              <div key={why.rule}>{why.says}</div>
            ))}
            {t('confirm.waitsForApproval')}
          </div>
        </div>
      )}
      <section className="card">
        <h2>{t('confirm.reason')}</h2>
        <Choices
          label={t('confirm.reason')}
          of={REFUND_REASONS.map((reason) => ({
            value: reason,
            label: reasonText(currentLanguage(), reason),
          }))}
          value={draft.reason}
          onChange={(reason) => setDraft({ ...draft, reason })}
        />
        <label className="label note-label" htmlFor="note">
          {t('confirm.note')}
        </label>
        <input
          id="note"
          className="field"
          maxLength={200}
          value={draft.note}
          onChange={(event) => setDraft({ ...draft, note: event.target.value })}
        />
      </section>
      <section className="card">
        <h2>{t('confirm.route')}</h2>
        <Choices
          wide
          label={t('confirm.route')}
          of={(['original', 'cash'] as const).map((method) => ({
            value: method,
            label: t(`confirm.${method}`),
          }))}
          value={draft.method}
          onChange={(method) => setDraft({ ...draft, method })}
        />
        {draft.method === 'cash' && (
          <p className="muted small note-label">{t('confirm.cashNote')}</p>
        )}
      </section>
    </Screen>
  )
}
