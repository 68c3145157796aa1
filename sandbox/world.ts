// Everything a channel of the sandbox stands on. Channels take the world as their first argument.
import type { Accounts } from './accounts.ts'
import type { Book } from './book.ts'
import type { Clock } from './clock.ts'
import type { Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import type { Random } from './random.ts'
import type { Rates } from './rates.ts'
import type { RequestLog } from './request-log.ts'
import type { Settings } from './settings.ts'
import type { Customers } from './wallet/customers.ts'
import type { Tickets } from './wechatpay/bills.ts'
import type { Ledger } from './wechatpay/ledger.ts'
import type { Postman } from './wechatpay/notifications.ts'

export type World = {
  readonly accounts: Accounts
  readonly book: Book
  readonly caPem: string
  readonly clock: Clock
  readonly customers: Customers
  readonly faults: Faults
  readonly journal: Journal
  readonly ledger: Ledger
  readonly postman: Postman
  readonly random: Random
  readonly rates: Rates
  readonly requests: RequestLog
  /** Key and certificate of the https listener, PEM. */
  readonly serverTls: { readonly key: string; readonly cert: string }
  readonly settings: Settings
  readonly tickets: Tickets
}
