/** What only the browser can tell of this device: asked, never changed. Each answer is plain, the words come elsewhere. */
import { refusalOf, type LensRefusal } from '../scan/lens.ts'

/** Null: another engine. */
export function chromeVersion(userAgent = navigator.userAgent): number | null {
  const major = /Chrom(?:e|ium)\/(\d+)/.exec(userAgent)?.[1]
  return major === undefined ? null : Number(major)
}

export type Secure = 'https' | 'local' | 'insecure'
export function howSecure(): Secure {
  if (location.protocol === 'https:') return 'https'
  return window.isSecureContext ? 'local' : 'insecure'
}

/** Whether the app opens without a network. */
export type Offline = 'good' | 'none' | 'insecure'
export async function worksOffline(): Promise<Offline> {
  if (!window.isSecureContext) return 'insecure'
  // Browsers without them leave it out, whatever the types say.
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  const registration = await workers?.getRegistration()
  return registration?.active ? 'good' : 'none'
}

export type CameraFound =
  | { readonly kind: 'good' | 'unasked'; readonly count: number }
  | { readonly kind: Exclude<LensRefusal, 'engine'> }

/** Without asking anybody: a device names its cameras only once it was allowed to use one. */
export async function camerasSeen(): Promise<CameraFound> {
  if (!window.isSecureContext) return { kind: 'insecure' }
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (devices === undefined) return { kind: 'none' }
  const cameras = (await devices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput')
  if (cameras.length === 0) return { kind: 'none' }
  const isAllowed = cameras.some(({ label }) => label !== '')
  return { kind: isAllowed ? 'good' : 'unasked', count: cameras.length }
}

/** Asks whoever stands here, and lets the camera go again at once. */
export async function allowCamera(): Promise<CameraFound> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: true })
    for (const track of stream.getTracks()) track.stop()
    return await camerasSeen()
  } catch (error) {
    const refusal = refusalOf(error)
    return { kind: refusal === 'engine' ? 'busy' : refusal }
  }
}

/** Where unsent refunds are kept: written, read and taken away again. */
export type Storage = 'good' | 'clearable' | 'broken'
const MARK = 'yuanlu.probe'
export async function storageWorks(keepAndDrop: () => Promise<void>): Promise<Storage> {
  try {
    localStorage.setItem(MARK, MARK)
    localStorage.removeItem(MARK)
    await keepAndDrop()
  } catch {
    return 'broken'
  }
  const storage = navigator.storage as StorageManager | undefined
  if (typeof storage?.persist !== 'function') return 'clearable'
  return (await storage.persisted()) || (await storage.persist()) ? 'good' : 'clearable'
}

/** A device without Chinese letters draws the same box for each. */
export function hasChineseLetters(): boolean {
  const drawn = ['退', '款'].map((letter) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 24
    const pen = canvas.getContext('2d')
    if (pen === null) return letter
    pen.font = '20px sans-serif'
    pen.fillText(letter, 1, 20)
    return canvas.toDataURL()
  })
  return drawn[0] !== drawn[1]
}
