/** The same for a display of few lines that a device has on the customer's side. */
import i18n from 'i18next'
import type { Language } from '../../../src/texts/language.ts'
import { paymentTexts } from '../../../src/texts/payments.ts'
import { stateTexts } from '../../../src/texts/states.ts'
import { money } from '../../shared/amount.tsx'
import type { DisplayLines } from '../device/bridge.ts'
import type { CustomerShown } from './shown.ts'

export function linesOf(shown: CustomerShown, language: Language): DisplayLines {
  const t = i18n.getFixedT(language)
  switch (shown.kind) {
    case 'idle':
      return { title: t('display.welcome'), amount: '', text: '' }
    case 'amount':
      return {
        title: t('display.toPay'),
        amount: shown.fen > 0 ? money(shown.fen) : '',
        text: t(shown.fen > 0 ? 'display.showCode' : 'display.wait'),
      }
    case 'payment': {
      const { title, tellCustomer } = paymentTexts[language][shown.word]
      return { title, amount: money(shown.fen), text: tellCustomer }
    }
    case 'refund': {
      const { title, tellCustomer } = stateTexts[language][shown.word]
      const to = shown.destination === null ? '' : `${t('result.to')} ${shown.destination} `
      return { title, amount: money(shown.fen), text: `${to}${tellCustomer}` }
    }
  }
}
