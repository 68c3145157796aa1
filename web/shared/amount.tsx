/** An amount as people read it: a small ¥, big digits of one width, always two decimals. */
import { fen as asFen } from '../../src/domain/money.ts'
import { grouped, money as moneyOf } from '../../src/texts/figures.ts'
import './amount.css'

export type AmountSize = 'inline' | 'line' | 'large' | 'huge'

/** `120000` → `¥1,200.00`, for sentences and labels. */
export const money = (fen: number): string => moneyOf(asFen(fen))

/** What is longer is shown smaller, so that a small screen holds it. */
const LONG = '99,999'.length

/** @param fen a whole number of fen. */
export function Amount({ fen, size = 'inline' }: { fen: number; size?: AmountSize }) {
  const [whole = '0', decimals = '00'] = grouped(asFen(Math.abs(fen))).split('.')
  const long = whole.length > LONG ? ' amount-long' : ''
  return (
    <span className={`amount amount-${size}${long}`}>
      {fen < 0 && '−'}
      <span className="amount-sign">¥</span>
      {whole}
      <span className="amount-decimals">.{decimals}</span>
    </span>
  )
}
