/** The sandbox in a process of its own: what WeChat Pay's servers would do must not weigh on ours. */
import { startSandbox } from '../sandbox/main.ts'
import { answering } from './child.ts'
import { paymentNumber } from './load.ts'

export type SandboxQuestion =
  | { readonly ask: 'account' }
  | {
      readonly ask: 'orders'
      readonly from: number
      readonly count: number
      readonly fen: number
    }
  | { readonly ask: 'executed' }

export type SandboxAccount = {
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
}

/** More than all refunds of a run together, in fen. */
const FUNDS = 1_000_000_000_000

const sandbox = await startSandbox({
  settings: {
    // A merchant's quota is not what is measured here.
    refundsPerSecond: null,
    refundQueriesPerSecond: null,
    arrivalToBalanceMs: 0,
  },
})
const { merchant } = sandbox
sandbox.setBalance(merchant.mchid, FUNDS)

async function answer(question: SandboxQuestion): Promise<SandboxAccount | number | null> {
  switch (question.ask) {
    case 'account':
      return {
        settings: {
          mode: 'direct',
          mchid: merchant.mchid,
          appid: merchant.appid,
          merchantSerial: merchant.merchant.serial,
          publicKeyId: merchant.publicKeyId,
          publicKey: merchant.publicKey.publicPem,
          baseUrl: sandbox.url,
          caPem: sandbox.caPem,
          storeInfoId: 'STORE1',
        },
        secrets: { privateKey: merchant.merchant.privatePem, apiV3Key: merchant.apiV3Key },
      }
    case 'orders':
      for (let n = 0; n < question.count; n += 1) {
        sandbox.paidOrder({
          mchid: merchant.mchid,
          outTradeNo: paymentNumber(question.from + n),
          total: question.fen,
        })
      }
      return null
    case 'executed':
      return sandbox.book.executedRefunds().length
  }
}

answering(answer)
