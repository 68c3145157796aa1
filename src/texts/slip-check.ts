/** What a person is told who checks a slip. */
import type { Fen } from '../domain/money.ts'
import type { SlipAnswer, SlipDifference } from '../domain/slip-check.ts'
import type { SlipClaim } from '../domain/slip.ts'
import { money } from './figures.ts'
import type { Language } from './language.ts'
import { slipTexts } from './slip.ts'

type Said = {
  readonly answer: SlipAnswer
  readonly differs: readonly SlipDifference[]
  readonly claim: Pick<SlipClaim, 'state' | 'amount'> | null
}

export function slipCheckText(language: Language, { answer, differs, claim }: Said): string {
  const words = language === 'zh' ? ZH : EN
  switch (answer) {
    case 'match':
      return claim === null ? words.unproven : words.match(stateOf(language, claim), claim.amount)
    case 'unproven':
      return words.unproven
    case 'unknown':
      return words.unknown
    case 'mismatch':
      return words.mismatch(differs.map((each) => words.differs[each]))
  }
}

const stateOf = (language: Language, { state }: Pick<SlipClaim, 'state'>): string =>
  slipTexts[language].state[state]

type Words = {
  readonly match: (state: string, amount: Fen) => string
  readonly mismatch: (what: readonly string[]) => string
  readonly unproven: string
  readonly unknown: string
  readonly differs: Readonly<Record<SlipDifference, string>>
}

const ZH: Words = {
  match: (state, amount) =>
    `一致。小票上应写“${state}”${money(amount)}，请核对；当前状态以系统为准。`,
  mismatch: (what) => `不一致：${what.join('，')}。请勿凭此单退款或付款，请联系店长。`,
  unproven: '有这个单号，但没有查验码，不能证明这张小票是真的。请扫小票上的方码或输入查验码。',
  unknown: '本店没有这个单号的小票。请勿凭此单退款或付款。',
  differs: {
    code: '查验码与单号、金额对不上',
    amount: '金额与系统记录不同',
    state: '小票上的结果已不成立',
  },
}

const EN: Words = {
  match: (state, amount) =>
    `Match. The slip must say "${state}" and ${money(amount)}; compare. How it stands now is what the system shows.`,
  mismatch: (what) =>
    `No match: ${what.join('; ')}. Do not refund or pay out on this slip; ask a supervisor.`,
  unproven:
    'The number exists, but without its check code nothing proves that this slip is genuine. Scan its square or type the check code.',
  unknown: 'No slip of this shop has this number. Do not refund or pay out on it.',
  differs: {
    code: 'the check code does not fit the number and amount',
    amount: 'the amount is not the one in the books',
    state: 'the result on the slip no longer holds',
  },
}
