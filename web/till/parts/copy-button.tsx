/** Copies a text, also where the page has no clipboard (without HTTPS), and says whether it did. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

export function CopyButton({
  text,
  label,
  second = false,
}: {
  text: string
  label: string
  /** Beside another, weightier act. */
  second?: boolean
}) {
  const { t } = useTranslation()
  const [result, setResult] = useState<'copied' | 'refused' | null>(null)
  return (
    <>
      <button
        className={second ? 'act act-second' : 'act'}
        type="button"
        onClick={() => void copied(text).then((done) => setResult(done ? 'copied' : 'refused'))}
      >
        {label}
      </button>
      {result !== null && (
        <output className={result === 'copied' ? 'muted center' : 'error center'}>
          {t(result === 'copied' ? 'caseSummary.copied' : 'caseSummary.copyFailed')}
        </output>
      )}
    </>
  )
}

async function copied(text: string): Promise<boolean> {
  // Missing where the page is not secure, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard === undefined) return copiedByHand(text)
  try {
    await clipboard.writeText(text)
    return true
  } catch {
    return copiedByHand(text)
  }
}

/** The old way, which needs a field to copy from. */
function copiedByHand(text: string): boolean {
  const field = document.createElement('textarea')
  field.className = 'visually-hidden'
  field.readOnly = true
  field.value = text
  document.body.append(field)
  field.select()
  try {
    return document.execCommand('copy')
  } finally {
    field.remove()
  }
}
