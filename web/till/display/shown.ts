/** What the customer sees on their side of the counter. Sentences are the display's own; here are only facts. */
import type { PaymentWord } from '../../../src/domain/payment-shown.ts'
import type { ShownWord } from '../../../src/domain/shown.ts'
import type { Language } from '../../../src/texts/language.ts'

export type CustomerShown =
  | { readonly kind: 'idle' }
  /** To be paid; 0 while the cashier still types. */
  | { readonly kind: 'amount'; readonly fen: number }
  | {
      readonly kind: 'payment'
      readonly word: PaymentWord
      readonly fen: number
      /** To be scanned; only while it waits for that. */
      readonly codeUrl: string | null
    }
  | {
      readonly kind: 'refund'
      readonly word: ShownWord
      readonly fen: number
      readonly destination: string | null
    }

/** `ask`: a display that has just come wants to know what there is to see. */
export type DisplayMessage =
  | { readonly kind: 'ask' }
  | { readonly kind: 'show'; readonly shown: CustomerShown; readonly language: Language }

/** Pages of this device hear each other on it. */
export const DISPLAY_CHANNEL = 'yuanlu.display'
