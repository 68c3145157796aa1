/** A QR code, drawn here: nothing about a payment leaves the device to become a picture. */
import { generate } from 'lean-qr'
import { toSvgPath } from 'lean-qr/extras/svg'
import { useMemo } from 'react'

/** Light modules around it; the standard wants four. */
const QUIET = 4

export function Qr({ text, label }: { text: string; label: string }) {
  const code = useMemo(() => generate(text), [text])
  const side = code.size + 2 * QUIET
  return (
    <svg
      className="qr"
      viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#fff" />
      <path d={toSvgPath(code)} fill="#000" />
    </svg>
  )
}
