/**
 * Scan keys and guns, wherever on the page their keys arrive, so that no field need be in focus and no soft keyboard comes
 * up. A code that ran into a field (an amount, a note) is taken out of it again: the field stands as before, and the code
 * goes where codes go. Android's scan keys may go through an input method, which speaks to a field only: there a field of
 * our own, which shows nothing and brings up no keyboard, has the focus whenever no other one has.
 */
import {
  characterOf,
  codeIn,
  grown,
  isGoingOn,
  isSuffix,
  SILENCE_MS,
  type Burst,
  type Source,
} from './burst.ts'

/** A suffix that limps behind its code must not press the button in focus. */
const LATE_SUFFIX_MS = 400

type Field = HTMLInputElement | HTMLTextAreaElement

/** @param catcher our own field on Android. @returns stop. */
export function listenToGun(
  page: Document,
  catcher: HTMLInputElement | null,
  onCode: (code: string) => void,
): () => void {
  let burst: Burst | null = null
  /** One that silence ended. Keys that a busy device hands on late are still of the moment they were pressed in. */
  let silenced: Burst | null = null
  /** The field a burst runs into, and what stood in it before. */
  let before: { readonly field: Field; readonly value: string } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The key said its character itself: the text it makes in the field is the same one. */
  let counted = false
  let readAt = -Infinity

  const fieldOf = (target: EventTarget | null): Field | null =>
    target !== catcher && takesText(target) ? target : null

  const remember = (event: Event) => {
    // What a key types is the key's own; on a busy device it may come long after it.
    if (event.type === 'beforeinput' && counted) return
    const field = fieldOf(event.target)
    const isSameField = field === (before?.field ?? null)
    if (isGoingOn(burst, event.timeStamp) && isSameField) return
    // No gun changes fields; what fills several at once is a password manager.
    if (!isSameField && burst?.place === 'field') burst = null
    before = field && { field, value: field.value }
  }
  const goOn = (event: Event) => {
    if (burst === null && isGoingOn(silenced, event.timeStamp)) {
      const place = fieldOf(event.target) === null ? 'page' : 'field'
      burst = { ...silenced, place }
    }
    silenced = null
  }
  /** @returns whether it was a code. */
  const end = (at: number): boolean => {
    clearTimeout(timer)
    const code = burst && codeIn(burst)
    const ranInto = burst?.place === 'field' ? before : null
    burst = null
    if (code === null) return false
    readAt = at
    if (ranInto !== null) putBack(ranInto.field, ranInto.value)
    onCode(code)
    return true
  }
  const take = (text: string, source: Source, event: Event) => {
    const place = fieldOf(event.target) === null ? 'page' : 'field'
    burst = grown(burst, { text, source, place, at: event.timeStamp })
    clearTimeout(timer)
    timer = setTimeout(() => {
      const over = burst
      end(performance.now())
      silenced = over
    }, SILENCE_MS)
  }

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return
    goOn(event)
    remember(event)
    if (isSuffix(event)) {
      const isLate = burst === null && event.timeStamp - readAt < LATE_SUFFIX_MS
      if (end(event.timeStamp) || isLate) swallow(event)
      return
    }
    counted = false
    // What an input method makes of a key comes into our own field by itself.
    const isSaidLater = event.target === catcher && event.key.length !== 1
    const character = isSaidLater ? null : characterOf(event)
    if (character === null) return
    counted = true
    const presses = character === ' ' && isGoingOn(burst, event.timeStamp)
    take(character, 'key', event)
    if (presses && burst?.place === 'page') event.preventDefault()
  }
  const onText = (event: Event) => {
    const { target } = event
    if (!takesText(target)) return
    const text = textOf(event)
    if (text !== null && !counted) {
      goOn(event)
      const [code = '', ...more] = text.split(/[\r\n\t]/)
      if (code !== '') take(code, 'input', event)
      if (more.length > 0) end(event.timeStamp)
    }
    if (target === catcher && !isComposing(event)) catcher.value = ''
  }

  const always = { capture: true }
  page.addEventListener('keydown', onKey, always)
  page.addEventListener('beforeinput', remember, always)
  page.addEventListener('input', onText, always)
  page.addEventListener('compositionend', onText, always)
  const letGo = catcher === null ? () => undefined : keepInFocus(page, catcher)
  return () => {
    clearTimeout(timer)
    page.removeEventListener('keydown', onKey, always)
    page.removeEventListener('beforeinput', remember, always)
    page.removeEventListener('input', onText, always)
    page.removeEventListener('compositionend', onText, always)
    letGo()
  }
}

const NO_TEXT = new Set(['radio', 'checkbox', 'button', 'submit', 'range', 'file'])

const takesText = (target: EventTarget | null): target is Field =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && !NO_TEXT.has(target.type))

const isComposing = (event: Event): boolean => event instanceof InputEvent && event.isComposing

/** What an input method has put into a field for good; null: nothing yet. */
function textOf(event: Event): string | null {
  if (event instanceof CompositionEvent) return event.data
  if (!(event instanceof InputEvent) || event.isComposing) return null
  if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph') return '\n'
  return event.inputType === 'insertText' ? event.data : null
}

function swallow(event: Event): void {
  event.preventDefault()
  event.stopPropagation()
}

/** As if nothing had been typed. A composition under way ends with the focus. */
function putBack(field: Field, value: string): void {
  field.blur()
  const { prototype } = field instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement
  // React keeps a setter of its own on the element and would not see the change.
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value)
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

/** Whenever nothing else has the focus. @returns stop. */
function keepInFocus(page: Document, catcher: HTMLInputElement): () => void {
  const take = () => {
    if (page.activeElement === null || page.activeElement === page.body) {
      catcher.focus({ preventScroll: true })
    }
  }
  // Where the focus goes is known only after it has left.
  const later = () => setTimeout(take)
  page.addEventListener('focusout', later)
  page.addEventListener('click', later)
  take()
  return () => {
    page.removeEventListener('focusout', later)
    page.removeEventListener('click', later)
  }
}
