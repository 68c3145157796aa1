/** An amount as people read it: a small ¥, big digits of one width, always two decimals. */
import { yuan, fen as asFen } from '../../src/domain/money.ts'
import './amount.css'

export type AmountSize = 'inline' | 'line' | 'large' | 'huge'

/** `1200` → `¥12.00`, for sentences and labels. */
export const money = (fen: number): string => `¥${yuan(asFen(fen))}`

/** @param fen a whole number of fen. */
export function Amount({ fen, size = 'inline' }: { fen: number; size?: AmountSize }) {
  const [whole = '0', decimals = '00'] = yuan(asFen(fen)).split('.')
  return (
    <span className={`amount amount-${size}`}>
      <span className="amount-sign">¥</span>
      {whole.replace(/\B(?=(\d{3})+$)/g, ',')}
      <span className="amount-decimals">.{decimals}</span>
    </span>
  )
}
