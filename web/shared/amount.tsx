/** An amount as people read it: a small ¥, big digits of one width, always two decimals. */
import { yuan, fen as asFen } from '../../src/domain/money.ts'
import './amount.css'

export type AmountSize = 'inline' | 'line' | 'large' | 'huge'

/** `1200` → `¥12.00`, for sentences and labels. */
export const money = (fen: number): string => `¥${yuan(asFen(fen))}`

/** More digits than this are shown smaller, so that a small screen holds them. */
const LONG_DIGITS = 5

/** @param fen a whole number of fen. */
export function Amount({ fen, size = 'inline' }: { fen: number; size?: AmountSize }) {
  const [whole = '0', decimals = '00'] = yuan(asFen(Math.abs(fen))).split('.')
  const long = whole.length > LONG_DIGITS ? ' amount-long' : ''
  return (
    <span className={`amount amount-${size}${long}`}>
      {fen < 0 && '−'}
      <span className="amount-sign">¥</span>
      {whole.replace(/\B(?=(\d{3})+$)/g, ',')}
      <span className="amount-decimals">.{decimals}</span>
    </span>
  )
}
