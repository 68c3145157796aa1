/**
 * Hardware scan keys and guns, which type what they read like a very fast keyboard. Listens to the whole page, so that no
 * field need be in focus and no soft keyboard comes up. A Chinese input method swallows letters and digits on their way:
 * then the physical key still says which one it was.
 */

/** People do not type this fast; slow Bluetooth guns stay below it. */
const BETWEEN_KEYS_MAX_MS = 80
/** A gun without a suffix has ended when this long nothing more came. */
const PAUSE_MS = 150
/** Shorter bursts are a person's, or a bounce. */
const LENGTH_MIN = 6
const LENGTH_MAX = 400

const SUFFIXES = new Set(['Enter', 'Tab', 'NumpadEnter'])

/** What a key adds to the code; null: nothing. */
export function characterOf(
  event: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>,
): string | null {
  if (event.key.length === 1) return event.key
  if (event.key !== 'Process' && event.key !== 'Unidentified') return null
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  if (digit !== undefined && !event.shiftKey) return digit
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]
  if (letter !== undefined) return event.shiftKey ? letter : letter.toLowerCase()
  if (event.code === 'Minus') return event.shiftKey ? '_' : '-'
  return event.code === 'Digit8' && event.shiftKey ? '*' : null
}

/** @returns stop. `now` in ms, monotonic. */
export function listenToGun(
  target: Pick<Document, 'addEventListener' | 'removeEventListener'>,
  onCode: (code: string) => void,
  now: () => number = () => performance.now(),
): () => void {
  let code = ''
  let lastAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const end = () => {
    clearTimeout(timer)
    const read = code
    code = ''
    if (read.length >= LENGTH_MIN && read.length <= LENGTH_MAX) onCode(read)
  }
  const onKey = (event: Event) => {
    if (!(event instanceof KeyboardEvent)) return
    if (isTyping(event.target)) return
    const at = now()
    if (at - lastAt > BETWEEN_KEYS_MAX_MS) code = ''
    lastAt = at
    if (SUFFIXES.has(event.key) || SUFFIXES.has(event.code)) {
      // Otherwise the Enter behind the code would press whatever button is in focus.
      if (code.length >= LENGTH_MIN) event.preventDefault()
      return end()
    }
    const character = characterOf(event)
    if (character === null) return
    code += character
    clearTimeout(timer)
    timer = setTimeout(end, PAUSE_MS)
  }
  target.addEventListener('keydown', onKey, { capture: true })
  return () => {
    clearTimeout(timer)
    target.removeEventListener('keydown', onKey, { capture: true })
  }
}

/** In a field a gun types into the field, and its Enter submits it. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.tagName === 'INPUT' || target.tagName === 'TEXTAREA')
