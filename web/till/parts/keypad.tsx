/** Digits under the thumb. What is typed is a text of yuan with at most two decimals; guns and keyboards work too. */
import { useTranslation } from 'react-i18next'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** The text after one more key; what would not be an amount is ignored. */
export function typed(text: string, key: string, digitsMax = 8): string {
  if (key === '⌫') return text.slice(0, -1)
  const next = text === '0' && key !== '.' ? key : text + key
  if (key === '.' && text === '') return '0.'
  return new RegExp(`^\\d{1,${digitsMax}}(\\.\\d{0,2})?$`).test(next) ? next : text
}

/** `"12.5"` → 1250; null while it is no amount. */
export function fenOfText(text: string): number | null {
  const [, yuan, decimals = ''] = /^(\d{1,8})(?:\.(\d{0,2}))?$/.exec(text) ?? []
  return yuan === undefined ? null : Number(yuan) * 100 + Number(decimals.padEnd(2, '0'))
}

export function Keypad({
  onKey,
  decimals = true,
}: {
  onKey: (key: string) => void
  decimals?: boolean
}) {
  const { t } = useTranslation()
  return (
    <div className="keypad">
      {[...KEYS, decimals ? '.' : '', '0', '⌫'].map((key) =>
        key === '' ? (
          <span key="gap" />
        ) : (
          <button
            key={key}
            className="key number"
            type="button"
            aria-label={key === '⌫' ? t('common.erase') : key}
            onClick={() => onKey(key)}
          >
            {key}
          </button>
        ),
      )}
    </div>
  )
}
