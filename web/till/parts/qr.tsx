/** A QR code, drawn here: nothing leaves the device to become a picture. */
import { generate } from 'lean-qr'
import { toSvgDataURL } from 'lean-qr/extras/svg'
import { useMemo } from 'react'

/** Light modules around it; the standard wants four. */
const QUIET = 4
const LOOK = { on: '#000', off: '#fff', padX: QUIET, padY: QUIET }

export function Qr({ text, label }: { text: string; label: string }) {
  const picture = useMemo(() => toSvgDataURL(generate(text), LOOK), [text])
  return <img className="qr" alt={label} src={picture} />
}
