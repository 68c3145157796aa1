/** The device's camera: opened for scanning, or why not. */

/**
 * `insecure`: browsers give cameras to HTTPS only. `denied`: a person or the system said no. `none`: there is none.
 * `busy`: another program has it. `engine`: the camera is there, what reads codes is not.
 */
export type LensRefusal = 'insecure' | 'denied' | 'none' | 'busy' | 'engine'

/** What browsers call it, old ones included. */
const NAMES: Readonly<Record<string, LensRefusal>> = {
  NotAllowedError: 'denied',
  PermissionDeniedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  DevicesNotFoundError: 'none',
  OverconstrainedError: 'none',
}

export const refusalOf = (error: unknown): LensRefusal =>
  (error instanceof Error && NAMES[error.name]) || 'busy'

/** What cameras of phones can do besides; the types of browsers do not know it. */
type Extras = { readonly torch?: boolean; readonly focusMode?: string }
type Able = { readonly torch?: boolean; readonly focusMode?: readonly string[] }

export type Lens = {
  readonly stream: MediaStream
  /** Null: it has no light. */
  readonly light: ((on: boolean) => Promise<void>) | null
  readonly close: () => void
}

/** The camera at the back, wide enough for a long barcode. */
const WISH: MediaStreamConstraints = {
  audio: false,
  video: {
    facingMode: { ideal: 'environment' },
    width: { ideal: 1_920 },
    height: { ideal: 1_080 },
  },
}

/** @param onLost it was taken away while open. Answers with a refusal instead of throwing. */
export async function openLens(onLost: () => void): Promise<Lens | LensRefusal> {
  if (!window.isSecureContext) return 'insecure'
  // The type promises it; browsers without cameras leave it out.
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (devices === undefined) return 'none'
  try {
    const stream = await devices.getUserMedia(WISH)
    const [track] = stream.getVideoTracks()
    if (track === undefined) return 'none'
    track.addEventListener('ended', onLost)
    const able: Able = 'getCapabilities' in track ? (track.getCapabilities() as Able) : {}
    if (able.focusMode?.includes('continuous')) {
      // Without it the picture is as sharp as the camera makes it by itself.
      await adjust(track, { focusMode: 'continuous' }).catch(() => undefined)
    }
    return {
      stream,
      light: able.torch === true ? (on) => adjust(track, { torch: on }) : null,
      close: () => {
        track.removeEventListener('ended', onLost)
        for (const each of stream.getTracks()) each.stop()
      },
    }
  } catch (error) {
    return refusalOf(error)
  }
}

const adjust = (track: MediaStreamTrack, extras: Extras): Promise<void> =>
  track.applyConstraints({ advanced: [extras as MediaTrackConstraintSet] })
