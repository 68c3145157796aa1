/** What the till can say, and how it says an amount: names of recorded pieces, in order. Pure. */
import type { ShownWord } from '../../../src/domain/shown.ts'
import type { Language } from '../../../src/texts/language.ts'

/** Pieces that amounts are put together from. */
export const NUMBER_PIECES = {
  zh: [
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    'ten',
    'hundred',
    'thousand',
    'myriad',
    'hundred_million',
    'yuan',
    'jiao',
    'fen',
  ],
  en: [
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    '10',
    '11',
    '12',
    '13',
    '14',
    '15',
    '16',
    '17',
    '18',
    '19',
    '20',
    '30',
    '40',
    '50',
    '60',
    '70',
    '80',
    '90',
    'hundred',
    'thousand',
    'million',
    'and',
    'yuan',
    'fen',
  ],
} as const satisfies Record<Language, readonly string[]>

/** Sentences. Only `succeeded` and `paid` say that money moved. */
export const SENTENCES = [
  'requested',
  'approved',
  'processing',
  'succeeded',
  'outcome_unknown',
  'waiting_for_funds',
  'waiting_for_channel',
  'cash_to_hand_out',
  'stuck',
  'owed',
  'rejected',
  'not_sent',
  'paid',
  'payment_unclear',
] as const
export type Sentence = (typeof SENTENCES)[number]

/** What is said when a refund comes to stand so; null: nothing worth a sound. */
export const SAID_OF: Readonly<Record<ShownWord, Sentence | null>> = {
  requested: 'requested',
  awaiting_goods: 'requested',
  approved: 'approved',
  not_sent_yet: null,
  outcome_unknown: 'outcome_unknown',
  waiting_for_funds: 'waiting_for_funds',
  waiting_for_channel: 'waiting_for_channel',
  cash_to_hand_out: 'cash_to_hand_out',
  processing: 'processing',
  stuck: 'stuck',
  succeeded: 'succeeded',
  owed: 'owed',
  closed: null,
  rejected: 'rejected',
  withdrawn: null,
}

/** Sentences that end with how much. */
const WITH_AMOUNT: readonly Sentence[] = ['succeeded', 'cash_to_hand_out', 'paid']

export function piecesOf(language: Language, sentence: Sentence, fen: number): readonly string[] {
  return WITH_AMOUNT.includes(sentence) ? [sentence, ...amountPieces(language, fen)] : [sentence]
}

/** @param fen a whole, non-negative amount below a hundred thousand million yuan. */
export const amountPieces = (language: Language, fen: number): readonly string[] =>
  language === 'zh' ? chineseAmount(fen) : englishAmount(fen)

/** 1234.05 → 一千二百三十四元零五分. */
function chineseAmount(fen: number): string[] {
  const [yuan, jiao, rest] = [Math.floor(fen / 100), Math.floor(fen / 10) % 10, fen % 10]
  const whole = yuan > 0 || fen === 0 ? [...chineseNumber(yuan), 'yuan'] : []
  if (jiao === 0 && rest === 0) return whole
  return [
    ...whole,
    ...(jiao > 0 ? [String(jiao), 'jiao'] : yuan > 0 ? ['0'] : []),
    ...(rest > 0 ? [String(rest), 'fen'] : []),
  ]
}

const GROUPS = ['', 'myriad', 'hundred_million'] as const
const PLACES = ['', 'ten', 'hundred', 'thousand'] as const

/** Groups of four digits; a gap of zeros is said once, and 一十 at the very start is 十. */
function chineseNumber(value: number): string[] {
  if (value === 0) return ['0']
  const said: string[] = []
  for (let group = GROUPS.length - 1; group >= 0; group -= 1) {
    const four = Math.floor(value / 10_000 ** group) % 10_000
    if (four === 0) continue
    if (
      said.length > 0 &&
      (four < 1_000 || Math.floor(value / 10_000 ** (group + 1)) % 10_000 === 0)
    )
      said.push('0')
    said.push(...fourDigits(four), ...(group > 0 ? [GROUPS[group] ?? ''] : []))
  }
  return said[0] === '1' && said[1] === 'ten' ? said.slice(1) : said
}

function fourDigits(four: number): string[] {
  const said: string[] = []
  let gap = false
  for (let place = PLACES.length - 1; place >= 0; place -= 1) {
    const digit = Math.floor(four / 10 ** place) % 10
    if (digit === 0) {
      gap = said.length > 0
      continue
    }
    if (gap) said.push('0')
    gap = false
    said.push(String(digit), ...(place > 0 ? [PLACES[place] ?? ''] : []))
  }
  return said
}

function englishAmount(fen: number): string[] {
  const [yuan, rest] = [Math.floor(fen / 100), fen % 100]
  const whole = yuan > 0 || fen === 0 ? [...englishNumber(yuan), 'yuan'] : []
  return rest === 0 ? whole : [...whole, ...englishNumber(rest), 'fen']
}

function englishNumber(value: number): string[] {
  if (value >= 1_000_000)
    return [
      ...englishNumber(Math.floor(value / 1_000_000)),
      'million',
      ...above0(value % 1_000_000),
    ]
  if (value >= 1_000)
    return [...englishNumber(Math.floor(value / 1_000)), 'thousand', ...above0(value % 1_000)]
  if (value >= 100) {
    const rest = above0(value % 100)
    return [
      String(Math.floor(value / 100)),
      'hundred',
      ...(rest.length > 0 ? ['and', ...rest] : []),
    ]
  }
  if (value <= 20) return [String(value)]
  return [String(Math.floor(value / 10) * 10), ...above0(value % 10)]
}

const above0 = (value: number): string[] => (value === 0 ? [] : englishNumber(value))
