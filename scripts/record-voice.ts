/**
 * Records what the till says into `web/till/voice/`, one file a language and a table of where each piece lies in it.
 * Needs `espeak-ng`, `sox` and `lame` (apt-get install espeak-ng sox lame). A shop that wants another voice records the
 * same pieces with its own and keeps the table's form; nothing else knows how the pieces were made.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NUMBER_PIECES } from '../web/till/voice/words.ts'

type Language = 'zh' | 'en'

const OUT = join(import.meta.dirname, '../web/till/voice')
const RATE = 16_000
/** Silence between pieces, so that an encoder's blur reaches no neighbour. */
const GUARD_S = 0.12
/** Words a minute: numbers are said slowly, since people act on them. */
const SPEED = { number: '165', sentence: '225' } as const
const VOICE = {
  zh: ['-v', 'cmn+f3'],
  en: ['-v', 'en-us+f3'],
} as const

const digits = (words: readonly string[]) =>
  Object.fromEntries(words.map((word, value) => [String(value), word]))

const PIECES: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  zh: {
    ...digits(['零', '一', '二', '三', '四', '五', '六', '七', '八', '九']),
    ten: '十',
    hundred: '百',
    thousand: '千',
    myriad: '万',
    hundred_million: '亿',
    yuan: '元',
    jiao: '角',
    fen: '分',
    requested: '收到退款申请，等待审核',
    approved: '审核通过',
    processing: '退款已受理',
    succeeded: '退款成功',
    outcome_unknown: '结果待确认，请勿重复退款',
    waiting_for_funds: '待充值，请勿垫付现金',
    waiting_for_channel: '退款已受理，稍后提交渠道',
    cash_to_hand_out: '请付现金',
    stuck: '退款异常，请找店长',
    owed: '应退未退，请找店长',
    rejected: '退款申请已驳回',
    not_sent: '还没有提交',
    paid: '收款成功',
    payment_unclear: '收款结果待确认，请勿重复收款',
  },
  en: {
    ...digits(
      'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
        ' ',
      ),
    ),
    '30': 'thirty',
    '40': 'forty',
    '50': 'fifty',
    '60': 'sixty',
    '70': 'seventy',
    '80': 'eighty',
    '90': 'ninety',
    hundred: 'hundred',
    thousand: 'thousand',
    million: 'million',
    and: 'and',
    yuan: 'yuan',
    fen: 'fen',
    requested: 'Request received, waiting for approval',
    approved: 'Approved',
    processing: 'Refund accepted',
    succeeded: 'Refunded',
    outcome_unknown: 'Outcome not known yet. Do not refund again',
    waiting_for_funds: 'Waiting for funds. Do not pay cash',
    waiting_for_channel: 'Refund accepted, it will be sent later',
    cash_to_hand_out: 'Hand out cash',
    stuck: 'Refund stuck, call the manager',
    owed: 'Refund still owed, call the manager',
    rejected: 'Request rejected',
    not_sent: 'Not sent yet',
    paid: 'Paid',
    payment_unclear: 'Payment not known yet. Do not charge again',
  },
}

const run = (program: string, ...args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8' })

const speedOf = (language: Language, name: string): string =>
  NUMBER_PIECES[language].some((piece) => piece === name) ? SPEED.number : SPEED.sentence

function record(language: Language): void {
  const folder = mkdtempSync(join(tmpdir(), 'yuanlu-voice-'))
  const table: Record<string, readonly [startMs: number, lengthMs: number]> = {}
  const files: string[] = []
  let atS = 0
  run(
    'sox',
    '-n',
    '-r',
    String(RATE),
    '-b',
    '16',
    join(folder, 'guard.wav'),
    'trim',
    '0',
    String(GUARD_S),
  )
  for (const [name, words] of Object.entries(PIECES[language])) {
    const [raw, clean] = [join(folder, 'raw.wav'), join(folder, `${name}.wav`)]
    run('espeak-ng', ...VOICE[language], '-s', speedOf(language, name), '-w', raw, words)
    const silence = ['silence', '1', '0.01', '0.5%']
    run(
      'sox',
      raw,
      '-r',
      String(RATE),
      '-b',
      '16',
      clean,
      ...silence,
      'reverse',
      ...silence,
      'reverse',
      'norm',
      '-3',
    )
    const lengthS = Number(run('soxi', '-D', clean))
    table[name] = [Math.round(atS * 1_000), Math.round(lengthS * 1_000)]
    atS += lengthS + GUARD_S
    files.push(clean, join(folder, 'guard.wav'))
  }
  const whole = join(folder, 'whole.wav')
  run('sox', ...files, whole)
  run('lame', '--quiet', '-m', 'm', '-b', '24', whole, join(OUT, `${language}.mp3`))
  writeFileSync(join(OUT, `${language}.json`), `${JSON.stringify(table, null, 2)}\n`)
  rmSync(folder, { recursive: true })
  process.stdout.write(
    `${language}: ${Object.keys(table).length} pieces, ${readFileSync(join(OUT, `${language}.mp3`)).length} bytes\n`,
  )
}

record('zh')
record('en')
