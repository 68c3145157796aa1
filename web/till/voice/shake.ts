/**
 * Felt, where the device can: shortest for a code that was read, short for good news, longer where somebody has to act.
 * Browsers let no page shake a device that was not touched yet, and call the try a fault.
 */
export function shake(pattern: keyof typeof PATTERNS): void {
  // Older browsers cannot tell whether they were touched, and say nothing of it.
  const { userActivation } = navigator as { readonly userActivation?: UserActivation }
  if (userActivation?.hasBeenActive === false) return
  if ('vibrate' in navigator) navigator.vibrate(PATTERNS[pattern])
}

/** Ms, shaking and resting in turn. */
const PATTERNS = { code: [30], done: [60], wait: [60, 80, 60], person: [250, 100, 250] }
