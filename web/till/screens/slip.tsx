/** The slip of a refund: looked at, and printed where there is paper. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SLIP_COPIES, type SlipCopy } from '../../../src/domain/slip.ts'
import { PrintIcon } from '../../shared/icons.tsx'
import { useNo } from '../address.ts'
import { Choices } from '../parts/choices.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { tell } from '../session.ts'

type Printed = { readonly result: string; readonly confirmed: boolean; readonly reprint: number }

export function SlipScreen() {
  const { t } = useTranslation()
  const no = useNo()
  const [copy, setCopy] = useState<SlipCopy>('customer')
  const slip = useQuery({
    queryKey: ['slip', no, copy],
    queryFn: () => tell<string>(`/refunds/${no}/slip?copy=${copy}&format=svg`, { as: 'text' }),
    gcTime: 0,
  })
  const print = useMutation({
    mutationFn: () =>
      tell<Printed>(`/refunds/${no}/print`, { method: 'POST', body: { copy, paper: '58mm' } }),
    onSuccess: () => void slip.refetch(),
  })
  return (
    <Screen
      title={t('slip.title')}
      foot={
        <button
          className="act"
          type="button"
          disabled={print.isPending}
          onClick={() => print.mutate()}
        >
          <PrintIcon />
          {t('common.print')}
        </button>
      }
    >
      <Choices
        wide
        label={t('slip.title')}
        of={SLIP_COPIES.map((each) => ({ value: each, label: t(`slip.${each}`) }))}
        value={copy}
        onChange={setCopy}
      />
      {print.data && (
        <output
          className={`strip ${print.data.result === 'printed' ? 'strip-on-its-way' : 'strip-not-known'}`}
        >
          {t(`slip.results.${resultOf(print.data.result)}`)}
        </output>
      )}
      {print.isError && <Trouble error={print.error} />}
      {slip.isError && <Trouble error={slip.error} onRetry={() => void slip.refetch()} />}
      {slip.isPending && <p className="muted">{t('slip.looking')}</p>}
      {slip.data !== undefined && (
        <div className="paper">
          <img
            alt={t('slip.title')}
            src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(slip.data)}`}
          />
        </div>
      )}
    </Screen>
  )
}

const RESULTS = [
  'printed',
  'no_paper',
  'bad_address',
  'unreachable',
  'interrupted',
  'busy',
  'no_printer',
] as const
const resultOf = (result: string): (typeof RESULTS)[number] =>
  RESULTS.find((each) => each === result) ?? 'unreachable'
