/** A QR code, drawn here: nothing about a payment leaves the device to become a picture. */
import { generate } from 'lean-qr'
import { toSvgPath } from 'lean-qr/extras/svg'
import { useMemo } from 'react'

/** Light modules around it, as the standard wants. */
const QUIET = 4

function pictureOf(text: string): string {
  const code = generate(text)
  const side = code.size + 2 * QUIET
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-QUIET} ${-QUIET} ${side} ${side}" shape-rendering="crispEdges"><rect x="${-QUIET}" y="${-QUIET}" width="${side}" height="${side}" fill="#fff"/><path d="${toSvgPath(code)}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

export function Qr({ text, label }: { text: string; label: string }) {
  const picture = useMemo(() => pictureOf(text), [text])
  return <img className="qr" src={picture} alt={label} />
}
