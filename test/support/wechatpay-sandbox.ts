/** Accounts of ours at the merchants of a sandbox. */
import type { Account as Merchant } from '../../sandbox/accounts.ts'
import type { Sandbox } from '../../sandbox/main.ts'
import type { Account } from '../../src/channels/channel.ts'

/** How the account verifies: by the public key, or by certificates it fetches itself. */
export type Keys = 'public_key' | 'fetched_certificates'

export function accountAtSandbox(
  sandbox: Sandbox,
  merchant: Merchant,
  keys: Keys,
  notifyUrl: string | null,
): Account {
  const parties =
    merchant.kind === 'direct'
      ? { mode: 'direct', mchid: merchant.mchid, appid: merchant.appid }
      : {
          mode: 'partner',
          spMchid: merchant.mchid,
          spAppid: merchant.appid,
          subMchid: merchant.subMchids[0],
        }
  const trusted =
    keys === 'public_key'
      ? { publicKeyId: merchant.publicKeyId, publicKey: merchant.publicKey.publicPem }
      : { fetchCertificates: true }
  return {
    tenant: 1,
    accountNo: `${merchant.mchid}-${keys}`,
    channel: 'wechatpay',
    settings: {
      ...parties,
      ...trusted,
      merchantSerial: merchant.merchant.serial,
      baseUrl: sandbox.url,
      caPem: sandbox.caPem,
    },
    secrets: { privateKey: merchant.merchant.privatePem, apiV3Key: merchant.apiV3Key },
    notifyUrl,
  }
}
