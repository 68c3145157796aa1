/** The merchant's channel accounts with their rules in plain words. */
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import { arrivals, channelRules, termsOf } from '../domain/channel-rules.ts'
import { listAccounts, type AccountRow } from '../store/accounts.ts'
import { arrivalText, channelName, channelRuleText, hotlineText } from '../texts/channel-rules.ts'
import type { Language } from '../texts/language.ts'
import type { Resource } from './api.ts'
import { channelsShown } from './contract-till.ts'
import { languageOf } from './problem.ts'
import { who } from './sign-in.ts'

export const channelResource =
  (core: Core): Resource =>
  (v1) => {
    v1.get(
      '/channels',
      {
        schema: {
          summary: 'Channel accounts, each with its rules for refunds',
          description:
            "The rules are those that requests are judged by: the account's contract where it says something, else the channel's own.",
          response: { 200: channelsShown },
        },
      },
      async (request) => {
        const language = languageOf(request.headers['accept-language'])
        const rows = await readInTenant(core.db, who(request).tenant, listAccounts)
        return { channels: rows.map((row) => show(core, language, row)) }
      },
    )
  }

function show(
  core: Core,
  language: Language,
  row: AccountRow,
): z.infer<typeof channelsShown>['channels'][number] {
  const { can } = core.channel(row.channel)
  const terms = termsOf(row.contract)
  const { hotline } = terms
  return {
    no: row.account_no,
    channel: row.channel,
    name: channelName(language, row.channel),
    isDefault: row.is_default,
    sandbox: row.sandbox,
    paused: row.paused,
    rules: channelRules(can, terms).map((rule) => ({
      key: rule.key,
      says: channelRuleText(language, rule),
    })),
    arrival: arrivals(can).map(({ destination, when }) => ({
      destination,
      when,
      says: arrivalText(language, destination, when),
    })),
    hotline: hotline === null ? null : { phone: hotline, says: hotlineText(language, hotline) },
  }
}
