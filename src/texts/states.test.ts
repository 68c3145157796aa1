import { expect, test } from 'vitest'
import { SHOWN_WORDS } from '../domain/shown.ts'
import { RULE_IDS } from '../domain/policy/policy.ts'
import { RULES } from '../domain/policy/rules/index.ts'
import { LANGUAGES } from './language.ts'
import { slipTexts } from './slip.ts'
import { stateTexts } from './states.ts'

test('every word has a title, a sentence for the customer and what to do, in both languages', () => {
  for (const language of LANGUAGES) {
    const texts = stateTexts[language]
    expect(Object.keys(texts).toSorted()).toEqual([...SHOWN_WORDS].toSorted())
    for (const word of SHOWN_WORDS) {
      const { title, tellCustomer, next } = texts[word]
      expect(title).not.toMatch(/[。.，,]/)
      for (const said of [tellCustomer, next]) expect(said).toMatch(/[。.]$/)
    }
    const titles = SHOWN_WORDS.map((word) => texts[word].title)
    expect(new Set(titles).size).toBe(titles.length)
  }
})

test('nothing is called paid back before it is, failed at all, or worth a second try', () => {
  for (const word of SHOWN_WORDS) {
    const zh = Object.values(stateTexts.zh[word]).join('')
    const en = Object.values(stateTexts.en[word]).join(' ')
    expect(zh, word).not.toMatch(/失败|重试|已到账|出款|撤销/)
    expect(en, word).not.toMatch(/fail|retry|try again/i)
    expect(/成功/.test(zh), word).toBe(word === 'succeeded')
    expect(/refund is done|^Paid back/.test(en), word).toBe(word === 'succeeded')
  }
})

test('while money is or may be under way, the cashier is kept from paying it twice', () => {
  const words = [
    'requested',
    'approved',
    'not_sent_yet',
    'outcome_unknown',
    'waiting_for_funds',
    'waiting_for_channel',
    'processing',
  ] as const
  for (const word of words) {
    expect(stateTexts.zh[word].next, word).toMatch(/勿(重复|垫)/)
    expect(stateTexts.en[word].next, word).toMatch(/Do not (refund again|pay out cash)/)
  }
})

test('slips say the same of a state as screens', () => {
  for (const language of LANGUAGES) {
    const { outcome_unknown: unknown, succeeded } = stateTexts[language]
    expect(slipTexts[language].state.submitted).toBe(unknown.title)
    expect(slipTexts[language].state.succeeded).toBe(succeeded.title)
    expect(slipTexts[language].advice.merchant.submitted).toBe(unknown.next)
  }
})

test('every rule of the shop has an id that has a sentence', () => {
  expect(RULES.map((rule) => rule.id).toSorted()).toEqual([...RULE_IDS].toSorted())
})
