/** Whom a cashier calls when a refund needs somebody who may decide. */
import { useTranslation } from 'react-i18next'
import { decides } from '../acts.ts'
import { useTill } from '../queries.ts'
import { useSession } from '../session.ts'

/** A sentence. `self`: somebody who may decide needs nobody else; it is not so for a request of their own. */
export function useWhomToCall(self = true): string {
  const { t } = useTranslation()
  const { terminal, person } = useSession()
  const till = useTill(terminal)
  if (!till.data || person === null) return ''
  if (self && decides(person)) return t('call.you')
  const names = till.data.people
    .filter((each) => decides(each) && each.no !== person.no)
    .map((each) => each.name)
  if (names.length > 0) return t('call.manager', { names: names.join(t('call.and')) })
  const phone = till.data.store.phone || till.data.merchant.phone
  return phone === '' ? t('call.anyManager') : t('call.phone', { phone })
}
