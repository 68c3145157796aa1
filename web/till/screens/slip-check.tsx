/** Is this slip ours, does it say what we printed, and how does it stand now. Checks alone: nothing is refunded here. */
import '../help/help.css'
import './slip-check.css'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { SlipChecked } from '../../../src/api/contract-slips.ts'
import { readScan } from '../../../src/domain/numbers.ts'
import { slipTexts } from '../../../src/texts/slip.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { Amount } from '../../shared/amount.tsx'
import { CameraIcon, DoneIcon, FaultIcon, UnknownIcon } from '../../shared/icons.tsx'
import { currentLanguage } from '../../shared/language.ts'
import { exactly } from '../../shared/when.ts'
import { Facts } from '../parts/facts.tsx'
import { fenOfText } from '../parts/keypad.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { CameraView, useCamera } from '../scan/camera-view.tsx'
import { useCodes } from '../scan/codes.ts'
import { tell } from '../session.ts'

/** Asking the channel how a refund under way stands takes as long as the channel does. */
const CHECK_TIMEOUT_MS = 20_000

type Given = { readonly code: string; readonly check?: string; readonly amount?: number }

export function SlipCheckScreen() {
  const { t } = useTranslation()
  const camera = useCamera()
  const check = useMutation({
    mutationFn: (given: Given) =>
      tell<SlipChecked>('/slips/check', {
        method: 'POST',
        body: given,
        timeoutMs: CHECK_TIMEOUT_MS,
      }),
    // The answer stands on top, wherever the amount was asked for.
    onSuccess: () => globalThis.scrollTo(0, 0),
    // What was read must not stay behind: it may be a payment code.
    gcTime: 0,
  })
  const read = (code: string) => {
    camera.close()
    check.mutate({ code })
  }
  useCodes(read)
  return (
    <Screen
      title={t('slipCheck.title')}
      help="slipCheck"
      foot={
        check.data ? (
          <button className="act" type="button" onClick={check.reset}>
            {t('slipCheck.another')}
          </button>
        ) : (
          <button
            className={camera.isOpen ? 'act act-second act-alone' : 'act'}
            type="button"
            onClick={camera.isOpen ? camera.close : camera.open}
          >
            <CameraIcon />
            {t(camera.isOpen ? 'camera.close' : 'camera.open')}
          </button>
        )
      }
    >
      {check.isPending && (
        <output className="strip strip-on-its-way">{t('slipCheck.looking')}</output>
      )}
      {check.isError && <Trouble error={check.error} />}
      {check.data ? (
        <Answer
          checked={check.data}
          given={check.variables}
          onAmount={(amount) => check.mutate({ ...check.variables, amount })}
        />
      ) : (
        <>
          <CameraView camera={camera} paused={check.isPending} onCode={read} />
          <Paper onCheck={check.mutate} />
        </>
      )}
    </Screen>
  )
}

/** What somebody reads off the paper. */
function Paper({ onCheck }: { onCheck: (given: Given) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState({ code: '', check: '', amount: '' })
  const amount = fenOfText(text.amount)
  const isWrong = text.amount !== '' && amount === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const code = text.code.trim()
    if (code === '' || isWrong) return
    onCheck({
      code,
      ...(text.check.trim() !== '' && { check: text.check.trim() }),
      ...(amount !== null && { amount }),
    })
    if (readScan(code).kind === 'payment_code') setText({ ...text, code: '' })
  }
  return (
    <form className="card slip-check-form" onSubmit={submit}>
      <p className="muted">{t('slipCheck.lead')}</p>
      {(['code', 'check'] as const).map((each) => (
        <div key={each}>
          <label className="label" htmlFor={`slip-${each}`}>
            {t(each === 'code' ? 'slipCheck.number' : 'slipCheck.check')}
          </label>
          <input
            id={`slip-${each}`}
            className="field number"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            placeholder={each === 'check' ? t('slipCheck.checkHint') : undefined}
            value={text[each]}
            onChange={(event) => setText({ ...text, [each]: event.target.value })}
          />
        </div>
      ))}
      <AmountField value={text.amount} onChange={(value) => setText({ ...text, amount: value })} />
      <button
        className="act act-second"
        type="submit"
        disabled={text.code.trim() === '' || isWrong}
      >
        {t('slipCheck.act')}
      </button>
    </form>
  )
}

function AmountField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation()
  return (
    <div>
      <label className="label" htmlFor="slip-amount">
        {t('slipCheck.amount')}
      </label>
      <input
        id="slip-amount"
        className="field number"
        inputMode="decimal"
        autoComplete="off"
        placeholder={t('slipCheck.amountHint')}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {value !== '' && fenOfText(value) === null && (
        <p className="error">{t('slipCheck.amountWrong')}</p>
      )}
    </div>
  )
}

const FAMILY = {
  match: 'paid-back',
  mismatch: 'needs-person',
  unproven: 'not-known',
  unknown: 'needs-person',
} as const
const ICON = { match: DoneIcon, mismatch: FaultIcon, unproven: UnknownIcon, unknown: FaultIcon }

function Answer({
  checked: { answer, differs, says, claim, live },
  given,
  onAmount,
}: {
  checked: SlipChecked
  given: Given
  onAmount: (fen: number) => void
}) {
  const { t } = useTranslation()
  const Icon = ICON[answer]
  return (
    <>
      <output className={`verdict verdict-${FAMILY[answer]}`}>
        <Icon size={56} />
        <h2>{t(`slipCheck.answers.${answer}`)}</h2>
        <p>{says}</p>
      </output>
      {differs.length > 0 && (
        <section className="card">
          <h2>{t('slipCheck.different')}</h2>
          <ul className="help-notes">
            {differs.map((each) => (
              <li key={each}>{t(`slipCheck.differs.${each}`)}</li>
            ))}
          </ul>
        </section>
      )}
      {claim && (
        <section className="card">
          <h2>{t('slipCheck.paper')}</h2>
          <Facts
            rows={[
              [t('slipCheck.amountShown'), <Amount key="a" fen={claim.amount} />],
              ...(given.amount === undefined
                ? []
                : [[t('slipCheck.typed'), <Amount key="t" fen={given.amount} />] as const]),
              [t('slipCheck.state'), paperWord(claim.state)],
              [t('slipCheck.copy'), t(`slip.${claim.copy}`)],
              [t('slipCheck.printedAt'), exactly(claim.printedAt)],
            ]}
          />
        </section>
      )}
      {live && <Live live={live} />}
      {live && given.amount === undefined && <AmountOnPaper onAmount={onAmount} />}
    </>
  )
}

/** Whoever forges a slip changes the amount in print and not the square: only a person can compare the two. */
function AmountOnPaper({ onAmount }: { onAmount: (fen: number) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const amount = fenOfText(text)
  return (
    <form
      className="card slip-check-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (amount !== null) onAmount(amount)
      }}
    >
      <AmountField value={text} onChange={setText} />
      <button className="act act-second" type="submit" disabled={amount === null}>
        {t('slipCheck.act')}
      </button>
    </form>
  )
}

function Live({ live }: { live: NonNullable<SlipChecked['live']> }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { sale, refund, shows, amount } = live
  return (
    <section className="card">
      <h2>{t('slipCheck.live')}</h2>
      <Facts
        rows={[
          [
            t('slipCheck.state'),
            shows === 'paid' || shows === 'unpaid'
              ? t(`slipCheck.${shows}`)
              : stateTexts[currentLanguage()][shows].title,
          ],
          [t('slipCheck.amountShown'), <Amount key="a" fen={amount} />],
        ]}
      />
      <button
        className="link"
        type="button"
        onClick={() =>
          void (refund === null
            ? navigate({ to: '/sale/$no', params: { no: sale } })
            : navigate({ to: '/refund/$no', params: { no: refund } }))
        }
      >
        {t(refund === null ? 'slipCheck.openSale' : 'slipCheck.openRefund')}
      </button>
    </section>
  )
}

/** A word that this version does not know is shown as it is. */
function paperWord(state: string): string {
  const words: Readonly<Record<string, string>> = slipTexts[currentLanguage()].state
  return words[state] ?? state
}
