/** Where a customer finds the number that a refund is found by: drawn, so that a cashier can point at it. */
import './bill-pictures.css'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

/** Each wallet in the same three steps; another one is another line here and its words. */
const WALLETS = [
  { wallet: 'wechat', drawings: { first: MeDrawn, second: WalletDrawn, third: BillDrawn } },
] as const

const STEPS = ['first', 'second', 'third'] as const

export function BillPictures() {
  const { t } = useTranslation()
  return (
    <section className="card">
      <h2>{t('where.title')}</h2>
      {WALLETS.map(({ wallet, drawings }) => (
        <div key={wallet}>
          <h3 className="bill-wallet">{t(`where.wallets.${wallet}.name`)}</h3>
          <ol className="bill-steps">
            {STEPS.map((step, place) => {
              const Drawing = drawings[step]
              return (
                <li key={step}>
                  <Drawing />
                  <span>
                    {place + 1}. {t(`where.wallets.${wallet}.steps.${step}`)}
                  </span>
                </li>
              )
            })}
          </ol>
          <p className="small muted">{t(`where.wallets.${wallet}.note`)}</p>
        </div>
      ))}
    </section>
  )
}

const LINE = 'var(--line)'
const MUTED = 'var(--muted)'
const BRAND = 'var(--brand)'

/** A phone of 92 by 132 units, its words from the same texts as everything else. */
function Phone({ children }: { children: ReactNode }) {
  return (
    <svg viewBox="0 0 92 132" aria-hidden="true" focusable="false">
      <rect x="1" y="1" width="90" height="130" rx="9" fill="#fff" stroke={MUTED} />
      {children}
    </svg>
  )
}

const Bar = ({ x, y, width }: { x: number; y: number; width: number }) => (
  <rect x={x} y={y} width={width} height="5" rx="2.5" fill={LINE} />
)

const Ring = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) => (
  <rect
    x={x}
    y={y}
    width={width}
    height={height}
    rx="6"
    fill="var(--brand-soft)"
    stroke={BRAND}
    strokeWidth="2"
  />
)

const Word = ({
  x,
  y,
  size = 11,
  anchor = 'middle',
  children,
}: {
  x: number
  y: number
  size?: number
  anchor?: 'start' | 'middle'
  children: ReactNode
}) => (
  <text x={x} y={y} fontSize={size} fontWeight="600" textAnchor={anchor} fill={BRAND}>
    {children}
  </text>
)

function MeDrawn() {
  const { t } = useTranslation()
  return (
    <Phone>
      <circle cx="20" cy="22" r="9" fill={LINE} />
      <Bar x={36} y={15} width={36} />
      <Bar x={36} y={25} width={22} />
      <Ring x={7} y={40} width={78} height={22} />
      <Word x={14} y={55} anchor="start">
        {t('where.drawn.services')}
      </Word>
      <Bar x={12} y={70} width={50} />
      <Bar x={12} y={84} width={40} />
      <path d="M1 105h90" stroke={LINE} />
      <circle cx="17" cy="117" r="5" fill={LINE} />
      <circle cx="38" cy="117" r="5" fill={LINE} />
      <Ring x={57} y={108} width={30} height={19} />
      <Word x={72} y={121.5}>
        {t('where.drawn.me')}
      </Word>
    </Phone>
  )
}

function WalletDrawn() {
  const { t } = useTranslation()
  return (
    <Phone>
      <Ring x={7} y={9} width={78} height={30} />
      <Word x={46} y={28} size={12}>
        {t('where.drawn.wallet')}
      </Word>
      <path d="M46 42v12m-4-4 4 4 4-4" stroke={BRAND} strokeWidth="2" fill="none" />
      <path d="M7 62h78" stroke={LINE} />
      <Bar x={12} y={72} width={30} />
      <Ring x={49} y={66} width={36} height={19} />
      <Word x={67} y={79.5}>
        {t('where.drawn.bills')}
      </Word>
      <Bar x={12} y={96} width={60} />
      <Bar x={12} y={110} width={46} />
    </Phone>
  )
}

/** Widths of bars and gaps in turn. */
const BARS = [2, 1, 1, 2, 3, 1, 1, 1, 2, 2, 1, 3, 2, 1, 1, 2, 1, 1, 3, 1, 2, 2, 1, 1, 2, 1, 3, 1, 1]

function BillDrawn() {
  const { t } = useTranslation()
  return (
    <Phone>
      <text x="46" y="25" fontSize="13" fontWeight="600" textAnchor="middle" fill="var(--ink)">
        −128.00
      </text>
      <Bar x={12} y={36} width={46} />
      <Bar x={12} y={47} width={56} />
      <Ring x={5} y={59} width={82} height={65} />
      <Word x={46} y={75}>
        {t('where.drawn.billNo')}
      </Word>
      <g fill="var(--ink)">
        {BARS.map((width, place) => {
          const x = 23 + BARS.slice(0, place).reduce((sum, each) => sum + each, 0)
          return place % 2 === 0 && <rect key={x} x={x} y="82" width={width} height="26" />
        })}
      </g>
      <Bar x={20} y={113} width={52} />
    </Phone>
  )
}
