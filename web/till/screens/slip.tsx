/** The slip of a refund, or the receipt of a sale. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SLIP_COPIES, type SlipCopy } from '../../../src/domain/slip.ts'
import { useNo } from '../address.ts'
import { Choices } from '../parts/choices.tsx'
import { SlipFrame } from '../parts/slip-frame.tsx'

export const SlipScreen = () => <Slip of="refunds" />
export const ReceiptScreen = () => <Slip of="sales" />

function Slip({ of }: { of: 'refunds' | 'sales' }) {
  const { t } = useTranslation()
  const no = useNo()
  const title = t(of === 'sales' ? 'slip.receipt' : 'slip.title')
  const [copy, setCopy] = useState<SlipCopy>('customer')
  return (
    <SlipFrame key={copy} title={title} slip={{ path: `/${of}/${no}`, which: { copy } }}>
      <Choices
        wide
        label={title}
        of={SLIP_COPIES.map((each) => ({ value: each, label: t(`slip.${each}`) }))}
        value={copy}
        onChange={setCopy}
      />
    </SlipFrame>
  )
}
