/** Line icons of one hand: 24 units, stroke of the text's colour. An icon never stands for a word by itself. */
import type { ReactNode } from 'react'

const icon = (drawing: ReactNode) =>
  function Icon({ size = 24 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {drawing}
      </svg>
    )
  }

/** Our mark: an arrow that returns and closes on its start. */
export const MarkIcon = icon(
  <>
    <path d="M12 4a8 8 0 1 1-7.4 5" />
    <path d="M12 1.5 8.8 4 12 6.5" />
  </>,
)
export const ScanIcon = icon(
  <>
    <path d="M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16" />
    <path d="M4 12h16" />
  </>,
)
export const PayIcon = icon(
  <>
    <path d="M7 4l5 7 5-7M12 11v9M7.5 12h9M7.5 15.5h9" />
  </>,
)
export const ListIcon = icon(<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01" />)
export const HelpIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.6 9.2a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2 1-1.2 1.9M12 16.8h.01" />
  </>,
)
export const ShiftIcon = icon(
  <>
    <path d="M7 4 4 7l3 3M4 7h12a4 4 0 0 1 0 8" />
    <path d="m17 20 3-3-3-3M20 17H8" />
  </>,
)
export const CheckUpIcon = icon(
  <>
    <path d="M4 13h3l2-6 4 11 2-5h5" />
  </>,
)
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </>,
)
export const CameraIcon = icon(
  <>
    <path d="M4 8.5A1.5 1.5 0 0 1 5.5 7h2.3l1.5-2h5.4l1.5 2h2.3A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5v-9z" />
    <circle cx="12" cy="12.8" r="3.4" />
  </>,
)
export const LightIcon = icon(<path d="M13.2 2.8 6.5 13.2h4.8l-.9 8 6.9-11h-5l.9-7.4z" />)
export const SlipCheckIcon = icon(
  <>
    <path d="M6 3.5h9l3.5 3.5v5M6 3.5v17h6M9 8.5h4M9 12h3" />
    <path d="m14 17.5 2.2 2.2 4.3-4.4" />
  </>,
)
export const RulesIcon = icon(
  <>
    <path d="M4 5.5c3-1.2 5.5-1 8 .8 2.5-1.8 5-2 8-.8v13c-3-1.2-5.5-1-8 .8-2.5-1.8-5-2-8-.8v-13z" />
    <path d="M12 6.3v13" />
  </>,
)
export const CallIcon = icon(
  <path d="M6 3.8h3.2l1.5 4-2 1.6a12 12 0 0 0 5.9 5.9l1.6-2 4 1.5V18a2.2 2.2 0 0 1-2.4 2.2A16.2 16.2 0 0 1 3.8 6.2 2.2 2.2 0 0 1 6 3.8z" />,
)
export const FaultIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="m8.7 8.7 6.6 6.6M15.3 8.7l-6.6 6.6" />
  </>,
)
export const NoteIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 11v5.5M12 7.6h.01" />
  </>,
)
export const GoOnIcon = icon(<path d="m9 5 7 7-7 7" />)
export const BackIcon = icon(<path d="m15 5-7 7 7 7" />)
export const PrintIcon = icon(
  <>
    <path d="M7 9V4h10v5M7 18H5a1 1 0 0 1-1-1v-6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v6a1 1 0 0 1-1 1h-2" />
    <path d="M7 14h10v6H7z" />
  </>,
)
export const DoneIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="m8 12.3 2.7 2.7L16 9.5" />
  </>,
)
export const UnderWayIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.2 2" />
  </>,
)
export const UnknownIcon = icon(
  <>
    <path d="M12 3.5 21.5 20h-19L12 3.5z" />
    <path d="M12 10v4.5M12 17.3h.01" />
  </>,
)
export const PersonNeededIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7.5v6M12 16.5h.01" />
  </>,
)
export const EndedIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M8 12h8" />
  </>,
)
export const OfflineIcon = icon(
  <>
    <path d="M3 3l18 18M8.5 16a5 5 0 0 1 5-1.4M5.3 12.6a10 10 0 0 1 4.2-2.4M2.5 9a14 14 0 0 1 4.2-2.6M10.7 5.2A14.4 14.4 0 0 1 21.5 9M15.5 10.6a10 10 0 0 1 3.2 2M12 19.5h.01" />
  </>,
)
export const MoreIcon = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3" />)
export const KeyIcon = icon(
  <>
    <circle cx="8" cy="15" r="4" />
    <path d="m11 12 8-8M16 7l2.5 2.5M14 9l1.5 1.5" />
  </>,
)
export const LockIcon = icon(
  <>
    <rect x="5" y="10.5" width="14" height="9.5" rx="2" />
    <path d="M8.5 10.5V7.8a3.5 3.5 0 0 1 7 0v2.7" />
  </>,
)
export const TerminalIcon = icon(
  <>
    <rect x="6.5" y="2.5" width="11" height="19" rx="2" />
    <path d="M9.5 6h5v5h-5zM10 14.5h.01M14 14.5h.01M10 17.5h.01M14 17.5h.01" />
  </>,
)
