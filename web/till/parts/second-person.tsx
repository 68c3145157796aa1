/** A second person stands behind exactly this act: by their own PIN here, or by a code they read out over the phone. */
import { useMutation } from '@tanstack/react-query'
import { Popup } from 'antd-mobile'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTill } from '../queries.ts'
import { tell, useSession } from '../session.ts'
import { Choices } from './choices.tsx'
import { Keypad } from './keypad.tsx'
import { Trouble } from './trouble.tsx'

export type SecondFor =
  | {
      readonly act: 'refund'
      readonly payment: string
      readonly amount: number
      readonly method: 'original' | 'cash'
    }
  | { readonly act: 'cash_not_paid' | 'cash_instead' | 'stop' | 'close'; readonly refund: string }

const PIN_MAX = 8
/** No person has this number. */
const BY_CODE = ''

export function SecondPerson({
  what,
  onDone,
  onClose,
}: {
  what: SecondFor
  onDone: (token: string) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const { terminal, person } = useSession()
  const till = useTill(terminal)
  const managers = (till.data?.people ?? []).filter(
    (each) => each.role !== 'cashier' && each.no !== person?.no,
  )
  const [who, setWho] = useState<string>(managers[0]?.no ?? BY_CODE)
  const [digits, setDigits] = useState('')
  const byCode = who === BY_CODE
  const confirm = useMutation({
    mutationFn: () =>
      tell<{ token: string }>('/seconds', {
        method: 'POST',
        body: byCode ? { for: what, code: digits } : { for: what, staff: who, pin: digits },
      }),
    onSuccess: ({ token }) => onDone(token),
    onError: () => setDigits(''),
  })
  return (
    <Popup
      visible
      onMaskClick={onClose}
      bodyClassName="second"
      position="bottom"
      closeOnSwipe={false}
    >
      <h2>{t('second.title')}</h2>
      <Choices
        label={t('second.title')}
        of={[
          ...managers.map((each) => ({ value: each.no, label: each.name })),
          { value: BY_CODE, label: t('second.byCode') },
        ]}
        value={who}
        onChange={setWho}
      />
      <p className="muted small">{t(byCode ? 'second.codeHint' : 'second.pinHint')}</p>
      <input
        className="field number pin"
        type={byCode ? 'text' : 'password'}
        inputMode="none"
        autoComplete="off"
        aria-label={t(byCode ? 'second.byCode' : 'signIn.pinLabel')}
        value={digits}
        maxLength={PIN_MAX}
        onChange={(event) => setDigits(event.target.value.replace(/\D/g, ''))}
      />
      {confirm.isError && <Trouble error={confirm.error} />}
      <Keypad
        decimals={false}
        onKey={(key) =>
          setDigits(key === '⌫' ? digits.slice(0, -1) : (digits + key).slice(0, PIN_MAX))
        }
      />
      <button
        className="act"
        type="button"
        disabled={digits.length < 4 || confirm.isPending}
        onClick={() => confirm.mutate()}
      >
        {t('second.act')}
      </button>
      <button className="act act-plain" type="button" onClick={onClose}>
        {t('common.cancel')}
      </button>
    </Popup>
  )
}
