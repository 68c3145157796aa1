/** Small drawings beside the steps of help: one line weight, one brand colour for where to look. */
import type { ReactNode } from 'react'

const picture = (drawing: ReactNode) =>
  function Picture() {
    return (
      <svg
        className="picture"
        viewBox="0 0 96 72"
        fill="none"
        stroke="var(--muted)"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {drawing}
      </svg>
    )
  }
export type Picture = ReturnType<typeof picture>

const BRAND = { stroke: 'var(--brand)' } as const
const SOLID = { fill: 'var(--brand)', stroke: 'none' } as const
const SOFT = { fill: 'var(--brand-soft)', stroke: 'var(--brand)' } as const

/** A till, drawn as its screen; the screen is 36 by 56 from (30, 8). */
const Till = ({ children }: { children: ReactNode }) => (
  <>
    <rect x="28" y="6" width="40" height="60" rx="5" fill="#fff" />
    <path d="M28 16h40" />
    {children}
  </>
)

const Bars = ({ x, y }: { x: number; y: number }) => (
  <path
    d={`M${x} ${y}v14M${x + 4} ${y}v14M${x + 7} ${y}v14M${x + 12} ${y}v14M${x + 15} ${y}v14M${x + 20} ${y}v14M${x + 24} ${y}v14`}
    {...BRAND}
  />
)

const Tick = ({ x, y }: { x: number; y: number }) => (
  <path d={`m${x} ${y} 5 5 9-10`} stroke="var(--paid-back)" strokeWidth="3" />
)

export const Gun = picture(
  <>
    <path d="M10 14h26l6 6v8H22l-6 20H8l4-22-4-4z" fill="#fff" />
    <path d="m46 20 18-8M46 24h18M46 28l18 8" {...BRAND} />
    <rect x="68" y="10" width="22" height="50" rx="2" fill="#fff" />
    <path d="M72 18h14M72 24h10" />
    <path d="M72 32v18M76 32v18M79 32v18M83 32v18M86 32v18" {...BRAND} />
  </>,
)
export const Strip = picture(
  <Till>
    <rect
      x="31"
      y="20"
      width="34"
      height="10"
      rx="2"
      fill="var(--not-known-soft)"
      stroke="var(--not-known)"
    />
    <path d="M36 25h18" stroke="var(--not-known)" />
    <rect x="31" y="34" width="34" height="18" rx="3" />
    <path d="m72 34-7-8m0 6v-6h6" {...BRAND} />
  </Till>,
)
export const Tiles = picture(
  <Till>
    <rect x="32" y="20" width="32" height="16" rx="3" {...SOFT} />
    <path d="M33 42h6v6h-6zM45 42h6v6h-6zM57 42h6v6h-6zM33 54h6v6h-6zM45 54h6v6h-6zM57 54h6v6h-6z" />
  </Till>,
)
export const Receipt = picture(
  <>
    <path d="M30 6h36v58l-6-4-6 4-6-4-6 4-6-4-6 4z" fill="#fff" />
    <path d="M37 15h22M37 22h14" />
    <Bars x={36} y={32} />
  </>,
)
export const Bill = picture(
  <>
    <rect x="30" y="4" width="36" height="64" rx="5" fill="#fff" />
    <path d="M42 14h12M37 22h22" />
    <rect x="33" y="30" width="30" height="26" rx="3" {...SOFT} />
    <Bars x={36} y={36} />
  </>,
)
export const Typing = picture(
  <>
    <rect x="14" y="12" width="68" height="18" rx="4" {...SOFT} />
    <path d="M22 21h4M30 21h4M38 21h4M48 16v10" {...BRAND} />
    <path d="M20 40h8M36 40h8M52 40h8M68 40h8M20 50h8M36 50h8M52 50h8M68 50h8M34 60h28" />
  </>,
)
export const Compare = picture(
  <>
    <rect x="8" y="8" width="32" height="54" rx="3" fill="#fff" />
    <rect x="56" y="8" width="32" height="54" rx="3" fill="#fff" />
    <path d="M14 18h18M14 26h12M62 18h18M62 26h12" />
    <path d="M14 40h20M62 40h20" {...BRAND} strokeWidth="4" />
    <path d="M45 37h6M45 43h6" {...BRAND} />
  </>,
)
export const Room = picture(
  <Till>
    <path d="M36 24h12" />
    <path d="M36 34h24" {...BRAND} strokeWidth="5" />
    <path d="M36 46h24M36 54h16" />
  </Till>,
)
export const RefundAct = picture(
  <Till>
    <path d="M34 24h18M34 32h26" />
    <rect x="32" y="48" width="32" height="12" rx="3" {...SOLID} />
    <path d="M55 54a6 6 0 1 1-3-5.2" stroke="#fff" />
    <path d="M74 62 62 55" {...BRAND} />
  </Till>,
)
export const ThreeWays = picture(
  <>
    <rect x="6" y="26" width="26" height="18" rx="4" {...SOFT} />
    <rect x="36" y="26" width="26" height="18" rx="4" />
    <rect x="66" y="26" width="26" height="18" rx="4" />
    <path d="M13 35h12" {...BRAND} strokeWidth="3" />
    <path d="M43 35h12M73 35h12" />
  </>,
)
export const Money = picture(
  <>
    <path d="m30 10 9 13 9-13M39 23v18M31 26h16M31 33h16" {...BRAND} strokeWidth="3" />
    <path d="M58 41h10M76 41h2" strokeWidth="4" />
    <path d="M24 54h8M44 54h8M64 54h8M24 63h8M44 63h8M64 63h8" />
  </>,
)
export const Items = picture(
  <>
    <path d="M10 18h34M10 36h26M10 54h30" />
    <circle cx="62" cy="18" r="7" />
    <path d="M59 18h6M84 18h6" />
    <circle cx="86" cy="18" r="7" {...SOFT} />
    <path d="M83 18h6M86 15v6" {...BRAND} />
    <circle cx="62" cy="42" r="7" />
    <path d="M59 42h6" />
    <circle cx="86" cy="42" r="7" {...SOFT} />
    <path d="M83 42h6M86 39v6" {...BRAND} />
  </>,
)
export const Reasons = picture(
  <>
    <rect x="12" y="10" width="72" height="14" rx="4" />
    <rect x="12" y="29" width="72" height="14" rx="4" {...SOFT} />
    <rect x="12" y="48" width="72" height="14" rx="4" />
    <path d="M20 17h24M20 55h30" />
    <path d="M20 36h32" {...BRAND} />
    <path d="m68 36 3 3 6-7" {...BRAND} strokeWidth="2.5" />
  </>,
)
export const TwoPeople = picture(
  <>
    <circle cx="30" cy="22" r="9" fill="#fff" />
    <path d="M14 56c0-14 6-20 16-20s16 6 16 20z" fill="#fff" />
    <circle cx="64" cy="22" r="9" {...SOFT} />
    <path d="M48 56c0-14 6-20 16-20s16 6 16 20z" {...SOFT} />
    <path d="m58 47 4 4 8-9" {...BRAND} strokeWidth="2.5" />
  </>,
)
export const Done = picture(
  <Till>
    <circle cx="48" cy="32" r="11" fill="var(--paid-back-soft)" stroke="var(--paid-back)" />
    <Tick x={42} y={32} />
    <path d="M38 52h20" />
  </Till>,
)
export const Waits = picture(
  <Till>
    <path d="M48 21 60 42H36z" fill="var(--not-known-soft)" stroke="var(--not-known)" />
    <path d="M48 28v6M48 38h.01" stroke="var(--not-known)" />
    <path d="M38 54h20" />
    <path d="M80 26a10 10 0 1 0 3 8M84 24v6h-6" {...BRAND} />
  </Till>,
)
export const Person = picture(
  <Till>
    <circle cx="48" cy="32" r="11" fill="var(--needs-person-soft)" stroke="var(--needs-person)" />
    <path d="M48 26v7M48 38h.01" stroke="var(--needs-person)" strokeWidth="2.5" />
    <path d="M38 52h20" />
  </Till>,
)
export const Printing = picture(
  <>
    <path d="M30 28V8h36v20" fill="#fff" />
    <path d="M36 15h24M36 21h14" />
    <rect x="14" y="28" width="68" height="24" rx="5" fill="#fff" />
    <path d="M26 42h44" />
    <path d="M32 44h32v20l-5-3-5 3-6-3-6 3-5-3-5 3z" {...SOFT} />
    <path d="M38 51h18" {...BRAND} />
    <path d="M73 35h.01" {...BRAND} strokeWidth="4" />
  </>,
)
export const Roll = picture(
  <>
    <circle cx="36" cy="34" r="20" fill="#fff" />
    <circle cx="36" cy="34" r="7" />
    <path d="M56 34v28h22" />
    <path d="M74 14a11 11 0 1 0 4 9M79 10v7h-7" {...BRAND} />
  </>,
)
export const Square = picture(
  <>
    <path d="M24 4h48v62l-8-4-8 4-8-4-8 4-8-4-8 4z" fill="#fff" />
    <path d="M32 12h20" />
    <path d="M34 22h10v10H34zM52 22h10v10H52zM34 40h10v10H34z" {...BRAND} />
    <path
      d="M38 26h2v2h-2zM56 26h2v2h-2zM38 44h2v2h-2zM52 40h3v3h-3zM59 40h3v3h-3zM55 47h3v3h-3z"
      {...SOLID}
    />
  </>,
)
export const CheckCode = picture(
  <>
    <path d="M24 4h48v62l-8-4-8 4-8-4-8 4-8-4-8 4z" fill="#fff" />
    <path d="M32 12h20M32 20h28" />
    <rect x="28" y="30" width="40" height="14" rx="3" {...SOFT} />
    <path d="M33 37h7M45 37h7M57 37h7" {...BRAND} strokeWidth="3" />
    <path d="M32 52h24" />
  </>,
)
export const Verdict = picture(
  <>
    <path d="M10 8h30v50l-5-3-5 3-5-3-5 3-5-3-5 3z" fill="#fff" />
    <path d="M56 8h30v50l-5-3-5 3-5-3-5 3-5-3-5 3z" fill="#fff" />
    <Tick x={18} y={30} />
    <path d="m65 24 12 12M77 24 65 36" stroke="var(--needs-person)" strokeWidth="3" />
  </>,
)
export const Questions = picture(
  <>
    <path d="M10 10h44v26H30l-8 8v-8H10z" fill="#fff" />
    <path d="M18 19h26M18 27h18" />
    <path d="M42 44h44v18H74v7l-8-7H42z" {...SOFT} />
    <path d="M50 53h4M60 53h4M70 53h4" {...BRAND} strokeWidth="3" />
  </>,
)
export const Summary = picture(
  <>
    <rect x="22" y="10" width="40" height="54" rx="4" fill="#fff" />
    <rect x="33" y="5" width="18" height="10" rx="3" fill="#fff" />
    <path d="M30 26h24M30 34h16M30 42h22M30 50h12" />
    <path d="M66 38h20m-7-7 7 7-7 7" {...BRAND} strokeWidth="2.5" />
  </>,
)
export const Book = picture(
  <>
    <path d="M12 14c12-5 24-4 36 3 12-7 24-8 36-3v44c-12-5-24-4-36 3-12-7-24-8-36-3z" fill="#fff" />
    <path d="M48 17v44" />
    <path d="M20 26h20M20 35h16M56 26h20M56 35h20" />
    <path d="M20 46h18M56 46h14" {...BRAND} />
  </>,
)
export const Judge = picture(
  <>
    <path d="M48 12v44M34 60h28M22 20h52" />
    <path d="m22 20-9 20h18zM74 20l-9 20h18z" fill="#fff" />
    <path d="M13 40a9 7 0 0 0 18 0zM65 40a9 7 0 0 0 18 0z" {...SOFT} />
  </>,
)
export const Checklist = picture(
  <Till>
    <path d="m33 26 3 3 5-6M33 38l3 3 5-6" stroke="var(--paid-back)" />
    <path d="m33 48 6 6M39 48l-6 6" stroke="var(--needs-person)" />
    <path d="M46 27h16M46 39h12M46 51h16" />
  </Till>,
)
export const Server = picture(
  <>
    <rect x="20" y="10" width="56" height="20" rx="4" fill="#fff" />
    <rect x="20" y="36" width="56" height="20" rx="4" fill="#fff" />
    <path d="M28 20h.01M36 20h.01M28 46h.01M36 46h.01" {...BRAND} strokeWidth="4" />
    <path d="M50 20h18M50 46h18M48 56v8M34 64h28" />
  </>,
)
export const Certificate = picture(
  <>
    <rect x="14" y="10" width="56" height="40" rx="4" fill="#fff" />
    <path d="M22 20h32M22 28h24M22 36h16" />
    <circle cx="66" cy="44" r="11" {...SOFT} />
    <path d="m61 44 4 4 7-8" {...BRAND} strokeWidth="2.5" />
    <path d="m60 54-2 12 8-4 8 4-2-12" {...BRAND} />
  </>,
)
export const Lock = picture(
  <>
    <rect x="8" y="24" width="80" height="24" rx="12" fill="#fff" />
    <rect x="18" y="33" width="12" height="9" rx="2" {...SOFT} />
    <path d="M20.500 33v-2a3.500 3.500 0 0 1 7 0v2" {...BRAND} />
    <path d="M38 37h36" {...BRAND} />
  </>,
)
export const Names = picture(
  <>
    <rect x="16" y="8" width="64" height="24" rx="5" {...SOFT} />
    <circle cx="30" cy="20" r="6" {...BRAND} />
    <path d="M44 20h24" {...BRAND} />
    <rect x="16" y="40" width="64" height="24" rx="5" fill="#fff" />
    <circle cx="30" cy="52" r="6" />
    <path d="M44 52h18" />
  </>,
)
export const Pin = picture(
  <>
    <path d="M26 14h.01M40 14h.01M54 14h.01M68 14h.01" {...BRAND} strokeWidth="8" />
    <path d="M20 32h12v8H20zM42 32h12v8H42zM64 32h12v8H64zM20 50h12v8H20zM42 50h12v8H42zM64 50h12v8H64z" />
  </>,
)
