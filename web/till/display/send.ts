/** The till's side of the customer display: whatever shows something to the customer goes through here. */
import { useEffect } from 'react'
import { currentLanguage } from '../../shared/language.ts'
import { showOnDevice } from '../device/device.ts'
import { linesOf } from './lines.ts'
import { DISPLAY_CHANNEL, type CustomerShown, type DisplayMessage } from './shown.ts'

const IDLE: CustomerShown = { kind: 'idle' }

let shown: CustomerShown = IDLE
const channel = new BroadcastChannel(DISPLAY_CHANNEL)

const send = (): void =>
  channel.postMessage({
    kind: 'show',
    shown,
    language: currentLanguage(),
  } satisfies DisplayMessage)

channel.addEventListener('message', ({ data }: MessageEvent<DisplayMessage>) => {
  if (data.kind === 'ask') send()
})
// A till that goes away leaves nothing of its last customer behind.
window.addEventListener('pagehide', () => showCustomer(IDLE))

function showCustomer(next: CustomerShown): void {
  shown = next
  send()
  void showOnDevice(linesOf(next, currentLanguage()))
}

/** Shown to the customer while the caller is on the screen. */
export function useCustomerDisplay(next: CustomerShown): void {
  const text = JSON.stringify(next)
  useEffect(() => showCustomer(JSON.parse(text) as CustomerShown), [text])
  useEffect(() => () => showCustomer(IDLE), [])
}
