// Merchants of the sandbox: direct ones, partners (服务商) and the sub-merchants under them.
import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Journal } from './journal.ts'
import { rsaKeyPair, sharedKeyPair, type Authority, type SigningCertificate } from './keys.ts'
import { must } from './must.ts'
import type { Random } from './random.ts'

export const newAccountSchema = z.strictObject({
  mchid: z
    .string()
    .regex(/^\d{8,10}$/)
    .optional(),
  appid: z.string().min(1).max(32).optional(),
  name: z.string().min(1).max(60).optional(),
  kind: z.enum(['direct', 'partner']).optional(),
  /** Sub-merchants of a partner. */
  subMchids: z.array(z.string().regex(/^\d{8,10}$/)).optional(),
  apiV3Key: z.string().length(32).optional(),
  /** Which platform keys exist: new merchants have only a public key. */
  platform: z.enum(['both', 'public_key', 'certificate']).optional(),
  /** What signs notifications; `mixed` alternates, as during WeChat's migration. */
  notifyWith: z.enum(['public_key', 'certificate', 'mixed']).optional(),
  /** PEM of the authority that https notify addresses are checked against. */
  notifyCa: z.string().optional(),
  /** Where refunds made in the merchant platform are notified; nothing is sent when left out. */
  portalNotifyUrl: z.string().optional(),
  /** Funds at the start, fen; the same for each sub-merchant. */
  funds: z.int().nonnegative().optional(),
  /** Commission in hundredths of a percent: 60 is 0.60 %. */
  feeBasisPoints: z.int().min(0).max(10_000).optional(),
})

export type NewAccount = z.infer<typeof newAccountSchema>

export type Account = {
  readonly mchid: string
  readonly appid: string
  readonly name: string
  readonly kind: 'direct' | 'partner'
  readonly subMchids: readonly string[]
  readonly apiV3Key: string
  readonly merchant: SigningCertificate
  readonly platform: 'both' | 'public_key' | 'certificate'
  readonly publicKeyId: string
  readonly publicKey: SigningCertificate
  readonly platformCertificate: SigningCertificate
  /** The one before, which stays good beside it for a while; null before the first renewal. */
  readonly formerCertificate: SigningCertificate | null
  readonly notifyWith: 'public_key' | 'certificate' | 'mixed'
  readonly notifyCa: string | null
  readonly portalNotifyUrl: string | null
  readonly feeBasisPoints: number
}

/** Key objects parsed once: parsing PEM on each request would cost more than signing. */
export type AccountKeys = {
  readonly merchantPublic: KeyObject
  readonly publicKeyPrivate: KeyObject
  readonly certificatePrivate: KeyObject
  readonly formerPrivate: KeyObject | null
}

export type Accounts = {
  readonly list: () => readonly Account[]
  readonly get: (mchid: string) => Account | undefined
  readonly keys: (account: Account) => AccountKeys
  readonly create: (input?: NewAccount) => Promise<Account>
  /** Changes what may change while running: notification keys, addresses, platform mode. */
  readonly change: (
    mchid: string,
    changes: Partial<
      Pick<Account, 'platform' | 'notifyWith' | 'notifyCa' | 'portalNotifyUrl' | 'feeBasisPoints'>
    >,
  ) => Account
  /** Issues the next platform certificate; the present one stays good until the renewal after this. */
  readonly renewCertificate: (mchid: string) => Promise<Account>
  /** Funds of a merchant or sub-merchant, fen. */
  readonly funds: (mchid: string) => number
  readonly setFunds: (mchid: string, fen: number) => void
  /** The merchant's display name, for sub-merchants too. */
  readonly nameOf: (mchid: string) => string
}

const PLATFORM_NAME = 'Sandbox payment platform'

/** Enough that nobody runs short by accident: ten million yuan. */
const FUNDS_AT_START = 1_000_000_000

export const createAccounts = async (
  journal: Journal,
  authority: Authority,
  random: Random,
): Promise<Accounts> => {
  const accounts = new Map<string, Account>()
  const keys = new Map<string, AccountKeys>()
  const funds = new Map<string, number>()

  const parseKeys = (account: Account): AccountKeys => ({
    merchantPublic: createPublicKey(account.merchant.publicPem),
    publicKeyPrivate: createPrivateKey(account.publicKey.privatePem),
    certificatePrivate: createPrivateKey(account.platformCertificate.privatePem),
    formerPrivate:
      account.formerCertificate === null
        ? null
        : createPrivateKey(account.formerCertificate.privatePem),
  })
  const add = (account: Account) => {
    const known = accounts.get(account.mchid)
    accounts.set(account.mchid, account)
    const isRenewed = known?.platformCertificate.serial !== account.platformCertificate.serial
    if (isRenewed) keys.set(account.mchid, parseKeys(account))
  }
  const get = (mchid: string) => {
    const account = accounts.get(mchid)
    if (account === undefined) throw new RangeError(`no merchant ${mchid}`)
    return account
  }
  const save = (account: Account) => {
    add(account)
    journal.put('account', account.mchid, account)
    return account
  }
  const keyPair = (mchid: string, role: string) =>
    journal.kept ? rsaKeyPair() : sharedKeyPair(`${mchid} ${role}`)
  const setFunds = (mchid: string, fen: number) => {
    funds.set(mchid, fen)
    journal.put('funds', mchid, { mchid, fen })
  }
  const create = async (given: NewAccount = {}) => {
    const input = newAccountSchema.parse(given)
    const mchid = input.mchid ?? `19${random.digits(8)}`
    if (accounts.has(mchid)) throw new RangeError(`merchant ${mchid} exists already`)
    const pairs = await Promise.all([
      keyPair(mchid, 'merchant'),
      keyPair(mchid, 'public key'),
      keyPair(mchid, 'platform certificate'),
    ])
    const kind = input.kind ?? 'direct'
    const account: Account = {
      mchid,
      appid: input.appid ?? `wx${randomBytes(8).toString('hex')}`,
      name: input.name ?? '沙盒商户',
      kind,
      subMchids: input.subMchids ?? (kind === 'partner' ? [`16${random.digits(8)}`] : []),
      apiV3Key: input.apiV3Key ?? randomBytes(16).toString('hex'),
      merchant: authority.issue(`merchant ${mchid}`, pairs[0]),
      platform: input.platform ?? 'both',
      publicKeyId: `PUB_KEY_ID_01${mchid}${random.digits(22)}`,
      publicKey: authority.issue(`public key of ${mchid}`, pairs[1]),
      platformCertificate: authority.issue(PLATFORM_NAME, pairs[2]),
      formerCertificate: null,
      notifyWith: input.notifyWith ?? 'public_key',
      notifyCa: input.notifyCa ?? null,
      portalNotifyUrl: input.portalNotifyUrl ?? null,
      feeBasisPoints: input.feeBasisPoints ?? 60,
    }
    save(account)
    for (const owner of [mchid, ...account.subMchids])
      setFunds(owner, input.funds ?? FUNDS_AT_START)
    return account
  }
  type Kept = Omit<Account, 'formerCertificate'> & Partial<Account>
  for (const account of journal.load<Kept>('account')) {
    add({ ...account, formerCertificate: account.formerCertificate ?? null })
  }
  for (const { mchid, fen } of journal.load<{ mchid: string; fen: number }>('funds')) {
    funds.set(mchid, fen)
  }
  return {
    list: () => [...accounts.values()],
    get: (mchid) => accounts.get(mchid),
    keys: (account) => must(keys.get(account.mchid), `the keys of merchant ${account.mchid}`),
    create,
    change: (mchid, changes) => save({ ...get(mchid), ...changes }),
    renewCertificate: async (mchid) => {
      const account = get(mchid)
      const former = account.platformCertificate
      const pair = await keyPair(mchid, `platform certificate after ${former.serial}`)
      const platformCertificate = authority.issue(PLATFORM_NAME, pair)
      return save({ ...account, platformCertificate, formerCertificate: former })
    },
    funds: (mchid) => funds.get(mchid) ?? 0,
    setFunds,
    nameOf: (mchid) =>
      accounts.get(mchid)?.name ??
      [...accounts.values()].find((one) => one.subMchids.includes(mchid))?.name ??
      mchid,
  }
}
