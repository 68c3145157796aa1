import { Amount } from '../../shared/amount.tsx'
import { FamilyIcon, type Family } from '../../shared/standing.tsx'

/** How something ended, or stands: colour, icon, word and amount together. */
export function Verdict({
  family,
  title,
  fen,
  lines,
}: {
  family: Family
  title: string
  fen: number
  lines: readonly string[]
}) {
  return (
    <output className={`verdict verdict-${family}`}>
      <FamilyIcon family={family} size={56} />
      <h2>{title}</h2>
      <Amount fen={fen} size="huge" />
      {lines
        .filter((line) => line !== '')
        .map((line) => (
          <p key={line}>{line}</p>
        ))}
    </output>
  )
}
