/**
 * Keeps the app on the device and lets a new version in when nobody is in the middle of anything: at once where nobody
 * is signed in, else when somebody says so.
 */
import { useSyncExternalStore } from 'react'

/** Ask often enough that a till which is never closed gets a morning's update by noon. */
const LOOK_EVERY_MS = 30 * 60_000

let waiting: ServiceWorker | null = null
const listeners = new Set<() => void>()

function found(worker: ServiceWorker): void {
  waiting = worker
  for (const listener of listeners) listener()
}

export async function keepApp(): Promise<void> {
  // Without HTTPS there are none, whatever the types say.
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (workers === undefined) return
  const hadOne = workers.controller !== null
  workers.addEventListener('controllerchange', () => {
    // The first worker of a device takes over a page that is as new as itself.
    if (hadOne) location.reload()
  })
  const registration = await workers.register('/till/worker.js', { scope: '/till/' })
  const watch = (worker: ServiceWorker | null) =>
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && workers.controller !== null) found(worker)
    })
  if (registration.waiting && workers.controller !== null) found(registration.waiting)
  watch(registration.installing)
  registration.addEventListener('updatefound', () => watch(registration.installing))
  // Unreachable servers are nothing new to a till.
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS)
}

/** A newer version is on the device and waits. */
export const useNewVersion = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => waiting !== null,
  )

/** The page starts anew with it. */
export const letNewVersionIn = (): void => waiting?.postMessage('let in')
