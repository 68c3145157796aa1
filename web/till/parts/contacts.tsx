/** Whom to call: the shop, the merchant, each channel's hotline. Known offline too, once they were seen. */
import { useTranslation } from 'react-i18next'
import type { ChannelsShown } from '../../../src/api/contract-till.ts'
import { useKept } from '../kept.ts'
import type { TillFacts } from '../queries.ts'

type Contact = { readonly name: string; readonly phone: string }

/** The shop's own numbers; the merchant's only where it is another one. */
export function useShopContacts(): readonly Contact[] {
  const { t } = useTranslation()
  const till = useKept<TillFacts>('/till')
  if (!till.data) return []
  const { store, merchant } = till.data.answer
  return [
    { name: t('help.storePhone', { name: store.name }), phone: store.phone },
    ...(merchant.phone === store.phone
      ? []
      : [{ name: t('help.merchantPhone', { name: merchant.name }), phone: merchant.phone }]),
  ].filter(({ phone }) => phone !== '')
}

export function Contacts() {
  const { t } = useTranslation()
  const channels = useKept<ChannelsShown>('/channels')
  const shop = useShopContacts()
  const all = [
    ...shop,
    ...(channels.data?.answer.channels ?? []).flatMap(({ name, hotline }) =>
      hotline === null ? [] : [{ name: t('help.channelPhone', { name }), phone: hotline.phone }],
    ),
  ]
  return all.length === 0 ? (
    <p className="muted">{t('help.noContact')}</p>
  ) : (
    <ContactRows contacts={all} />
  )
}

export function ContactRows({ contacts }: { contacts: readonly Contact[] }) {
  return (
    <>
      {contacts.map(({ name, phone }) => (
        <p className="row-static" key={name + phone}>
          <span>{name}</span>
          <a className="phone number" href={`tel:${phone.replace(/[^\d+]/g, '')}`}>
            {phone}
          </a>
        </p>
      ))}
    </>
  )
}
