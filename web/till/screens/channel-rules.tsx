/** What each channel lets a refund do and when money arrives: the planner's own figures, in plain words. */
import '../help/help.css'
import { useTranslation } from 'react-i18next'
import type { ChannelsShown } from '../../../src/api/contract-till.ts'
import { OfflineIcon, PersonNeededIcon } from '../../shared/icons.tsx'
import { when } from '../../shared/when.ts'
import { useKept } from '../kept.ts'
import { ContactRows } from '../parts/contacts.tsx'
import { Facts } from '../parts/facts.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { channelName } from './sale.tsx'

export function ChannelRulesScreen() {
  const { t } = useTranslation()
  const channels = useKept<ChannelsShown>('/channels')
  const seen = channels.data
  return (
    <Screen title={t('channelRules.title')} help="rules">
      {channels.isPending && <p className="muted">{t('common.loading')}</p>}
      {channels.isError && (
        <Trouble error={channels.error} onRetry={() => void channels.refetch()} />
      )}
      {seen && seen.keptAt !== null && (
        <output className="strip strip-not-known">
          <OfflineIcon />
          {t('channelRules.kept', { at: when(seen.keptAt) })}
        </output>
      )}
      {seen?.answer.channels.length === 0 && <p className="card muted">{t('channelRules.none')}</p>}
      {seen?.answer.channels.map((channel) => (
        <Channel key={channel.no} channel={channel} among={seen.answer.channels.length} />
      ))}
      <p className="muted small form-gap">{t('channelRules.holidays')}</p>
    </Screen>
  )
}

function Channel({
  channel: { no, channel, name, sandbox, paused, rules, arrival, hotline },
  among,
}: {
  channel: ChannelsShown['channels'][number]
  among: number
}) {
  const { t } = useTranslation()
  return (
    <section className="card">
      <h2>
        {name}
        {among > 1 && name !== channelName(channel) && ` · ${channelName(channel)}`}
        {among > 1 && ` · ${t('channelRules.account', { no })}`}
        {sandbox && ` · ${t('channelRules.sandbox')}`}
      </h2>
      {paused !== null && (
        <p className="strip strip-needs-person">
          <PersonNeededIcon />
          {t('channelRules.paused', { why: paused })}
        </p>
      )}
      <h3>{t('channelRules.rules')}</h3>
      <ul className="help-notes">
        {rules.map(({ key, says }) => (
          <li key={key}>{says}</li>
        ))}
      </ul>
      <h3>{t('channelRules.arrival')}</h3>
      <ul className="help-notes">
        {[...new Set(arrival.map(({ says }) => says))].map((says) => (
          <li key={says}>{says}</li>
        ))}
      </ul>
      {hotline === null ? (
        <Facts rows={[[t('channelRules.hotline'), t('channelRules.noHotline')]]} />
      ) : (
        <ContactRows contacts={[{ name: hotline.says, phone: hotline.phone }]} />
      )}
    </section>
  )
}
