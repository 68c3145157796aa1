/** The slip of a refund, or the receipt of a sale: looked at, and printed where there is paper. */
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

export const SlipScreen = () => <Slip of="refunds" />
export const ReceiptScreen = () => <Slip of="sales" />

function Slip({ of }: { of: 'refunds' | 'sales' }) {
  const { t } = useTranslation()
  const no = useNo()
  const title = t(of === 'sales' ? 'slip.receipt' : 'slip.title')
  const [copy, setCopy] = useState<SlipCopy>('customer')
  const slip = useQuery({
    queryKey: ['slip', of, no, copy],
    queryFn: () => tell<string>(`/${of}/${no}/slip?copy=${copy}&format=svg`, { as: 'text' }),
    gcTime: 0,
  })
  const print = useMutation({
    mutationFn: () =>
      tell<Printed>(`/${of}/${no}/print`, { method: 'POST', body: { copy, paper: '58mm' } }),
    onSuccess: () => void slip.refetch(),
  })
  return (
    <Screen
      title={title}
      help="slip"
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
        label={title}
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
            alt={title}
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
