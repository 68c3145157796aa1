/** What a till can find out about everything it depends on, each with what to do about it. */
import type { z } from 'zod'
import manifest from '../../package.json' with { type: 'json' }
import { checkChannel, type Checked } from '../commands/check-channel.ts'
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import type { ChannelHealth, PrinterHealth } from '../domain/self-check.ts'
import { printerStatus } from '../notify/printer.ts'
import { listAccounts, type AccountRow } from '../store/accounts.ts'
import { readPeople } from '../store/slip-reads.ts'
import type { Language } from '../texts/language.ts'
import { channelHealthText, printerHealthText, publicUrlText } from '../texts/self-check.ts'
import type { Api, Resource } from './api.ts'
import { selfCheckShown } from './contract-till.ts'
import { languageOf } from './problem.ts'
import { who } from './sign-in.ts'
import { sparingly } from './sparingly.ts'

/** Every till of a shop may check itself in the same morning minute: one test call answers them all. */
const EVERY_MS = 5_000

export const selfCheckResource =
  (core: Core): Resource =>
  (v1) => {
    const channel = sparingly<Checked>(EVERY_MS)
    const printer = sparingly<PrinterHealth>(EVERY_MS)

    v1.post(
      '/self-check',
      {
        config: { terminalAlone: true },
        schema: {
          summary: 'Check everything a till depends on',
          description:
            "The terminal's key is enough. Each channel account is asked by a signed test call and the printer by a status question, at most once in five seconds; in between the last answer is repeated.",
          response: { 200: selfCheckShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const language = languageOf(request.headers['accept-language'])
        const setup = await readSetup(core, v1, actor)
        const [channels, printerHealth] = await Promise.all([
          Promise.all(
            (setup?.accounts ?? []).map(async (row) => {
              const key = `${actor.tenant}/${row.account_no}`
              const checked = await channel(key, () => checkChannel(core, actor.tenant, row))
              return showChannel(language, row, checked)
            }),
          ),
          setup === null
            ? 'not_checked'
            : printerOf(setup.printer, (address) => printer(address, () => printerStatus(address))),
        ])
        const { publicUrl } = core.settings
        return {
          time: core.clock.now().toISOString(),
          database: setup !== null,
          printer: { result: printerHealth, says: printerHealthText(language, printerHealth) },
          channels,
          publicUrl: { set: publicUrl !== null, says: publicUrlText(language, publicUrl) },
          https: request.protocol === 'https',
          version: manifest.version,
        }
      },
    )
  }

type Setup = { readonly accounts: readonly AccountRow[]; readonly printer: string | null }

/** Null when the database does not answer: that is a finding here, and no reason to find nothing else. */
const readSetup = (core: Core, app: Api, { tenant, terminal }: Actor): Promise<Setup | null> =>
  readInTenant(core.db, tenant, async (tx) => ({
    accounts: await listAccounts(tx),
    printer: (await readPeople(tx, { terminalNo: terminal, staffNo: null })).printer,
  })).catch((error: unknown) => {
    app.facts.error({ err: error }, 'self_check.database')
    return null
  })

const printerOf = (
  address: string | null,
  ask: (address: string) => Promise<PrinterHealth>,
): Promise<PrinterHealth> | PrinterHealth => (address === null ? 'no_printer' : ask(address))

function codeOf(health: Checked['health']): ChannelHealth {
  if (health.kind === 'ill') return health.what
  return health.signed ? 'well' : 'reached'
}

function showChannel(
  language: Language,
  row: AccountRow,
  { health, tookMs }: Checked,
): z.infer<typeof selfCheckShown>['channels'][number] {
  const code = codeOf(health)
  return {
    account: row.account_no,
    channel: row.channel,
    ok: health.kind === 'well',
    code,
    says: channelHealthText(language, code),
    tookMs,
  }
}
