/** How much goes back: all, an amount, or items; what is left is always in sight. */
import { Stepper } from 'antd-mobile'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PaymentShown, RefundShown, SaleShown } from '../../../src/api/contract.ts'
import { fen } from '../../../src/domain/money.ts'
import { quantityLeft, takeItems, type Item } from '../../../src/domain/sale.ts'
import { Amount, money } from '../../shared/amount.tsx'
import { setDraft, useDraft, type Draft, type DraftAsk } from '../draft.ts'
import { Choices } from '../parts/choices.tsx'
import { fenOfText, Keypad, typed } from '../parts/keypad.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useSale } from '../queries.ts'

export function AmountScreen() {
  const { t } = useTranslation()
  const draft = useDraft()
  const sale = useSale(draft?.sale ?? '')
  const payment = sale.data?.payments.find((each) => each.no === draft?.payment)
  if (draft && sale.data && payment)
    return <HowMuch draft={draft} sale={sale.data} payment={payment} />
  return (
    <Screen title={t('amount.title')} help="amount">
      {sale.isError ? (
        <Trouble error={sale.error} onRetry={() => void sale.refetch()} />
      ) : (
        <p className="muted">{t('common.loading')}</p>
      )}
    </Screen>
  )
}

function HowMuch({
  draft,
  sale,
  payment,
}: {
  draft: Draft
  sale: SaleShown
  payment: PaymentShown
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [kind, setKind] = useState<DraftAsk['kind']>(draft.ask.kind)
  const [text, setText] = useState(
    draft.ask.kind === 'amount' ? (draft.ask.fen / 100).toString() : '',
  )
  const [pieces, setPieces] = useState<ReadonlyMap<number, number>>(
    new Map(
      draft.ask.kind === 'items' ? draft.ask.items.map((take) => [take.line, take.quantity]) : [],
    ),
  )
  const replaced = sale.refunds.find((each) => each.no === draft.replaces)
  // What the open request holds is free for the one that takes its place.
  const room = payment.refundable + (replaced ? replaced.amount + replaced.feeKept : 0)
  const items = sale.items.map((item) => asItem(item, replaced))
  // Items belong to the sale as a whole: paid in parts, nobody can say whose they were.
  const kinds: readonly DraftAsk['kind'][] =
    sale.items.length > 0 && sale.payments.length === 1
      ? ['full', 'amount', 'items']
      : ['full', 'amount']
  const chosen = chosenOf(kind, text, pieces, items)
  const fault =
    chosen.fen === null || chosen.fen <= 0
      ? kind === 'items'
        ? t('amount.noItems')
        : t('amount.zero')
      : chosen.fen > room
        ? t('amount.over', { room: money(room) })
        : null
  const shown = kind === 'full' ? room : (chosen.fen ?? 0)
  const goOn = () => {
    if (chosen.ask === null) return
    setDraft({ ...draft, ask: chosen.ask })
    void navigate({ to: '/confirm' })
  }
  return (
    <Screen
      title={t('amount.title')}
      help="amount"
      foot={
        <button
          className="act"
          type="button"
          disabled={kind !== 'full' && fault !== null}
          onClick={goOn}
        >
          {t('common.next')}
        </button>
      }
    >
      <Choices
        wide
        label={t('amount.title')}
        of={kinds.map((each) => ({ value: each, label: t(`amount.${KIND_LABEL[each]}`) }))}
        value={kind}
        onChange={setKind}
      />
      <p className="amount-line-big" aria-live="polite">
        <Amount fen={shown} size="huge" />
      </p>
      <p className="center muted">
        {t('amount.left')} <Amount fen={room} />
      </p>
      <output className="center error amount-fault">{kind !== 'full' && shown > 0 && fault}</output>
      {kind === 'amount' && <Keypad onKey={(key) => setText(typed(text, key))} />}
      {kind === 'items' && (
        <ItemChoice sale={sale} items={items} pieces={pieces} onChange={setPieces} />
      )}
    </Screen>
  )
}

const KIND_LABEL = { full: 'full', amount: 'byAmount', items: 'byItems' } as const

type Pieces = ReadonlyMap<number, number>

function ItemChoice({
  sale,
  items,
  pieces,
  onChange,
}: {
  sale: SaleShown
  items: readonly Item[]
  pieces: Pieces
  onChange: (pieces: Pieces) => void
}) {
  const { t } = useTranslation()
  return (
    <section className="card">
      {sale.items.map((item, place) => {
        const left = items[place] ? quantityLeft(items[place]) : 0
        return (
          <div className="row-static" key={item.line}>
            <span>
              {item.name}
              <span className="muted small row-second">
                {t('amount.pieces', { left })} · <Amount fen={item.amount} />
              </span>
            </span>
            <Stepper
              aria-label={item.name}
              min={0}
              max={left}
              disabled={left === 0}
              value={pieces.get(item.line) ?? 0}
              onChange={(quantity) => onChange(new Map(pieces).set(item.line, quantity ?? 0))}
            />
          </div>
        )
      })}
    </section>
  )
}

/** Priced by the very rules the server applies; the server has the last word. */
function chosenOf(
  kind: DraftAsk['kind'],
  text: string,
  pieces: Pieces,
  left: readonly Item[],
): { readonly fen: number | null; readonly ask: DraftAsk | null } {
  switch (kind) {
    case 'full':
      return { fen: null, ask: { kind } }
    case 'amount': {
      const amount = fenOfText(text)
      return { fen: amount, ask: amount === null ? null : { kind, fen: amount } }
    }
    case 'items': {
      const items = [...pieces]
        .filter(([, quantity]) => quantity > 0)
        .map(([line, quantity]) => ({ line, quantity }))
      const taken = takeItems(left, items)
      return taken.kind === 'taken' && items.length > 0
        ? { fen: taken.fen, ask: { kind, items } }
        : { fen: null, ask: null }
    }
  }
}

/** As the rules count it; `without`: a refund whose hold does not count. */
function asItem(item: SaleShown['items'][number], without: RefundShown | undefined): Item {
  const freed = without?.items.find((each) => each.line === item.line)
  return {
    line: item.line,
    quantity: item.quantity,
    heldQuantity: item.held.quantity - (freed?.quantity ?? 0),
    refundedQuantity: item.refunded.quantity,
    fen: fen(item.amount),
    heldFen: fen(item.held.amount - (freed?.amount ?? 0)),
    refundedFen: fen(item.refunded.amount),
  }
}
