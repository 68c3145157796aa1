/**
 * The service worker: the app's files, so that it starts at once and without a network. It keeps nothing else: whatever
 * is about money is asked of the server each time. A new version waits until the page lets it in.
 */
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

/** Put in by the build: every file of the app, the page with the digest of its content. */
declare const FILES: PrecacheEntry[]

precacheAndRoute(FILES)
cleanupOutdatedCaches()
registerRoute(new NavigationRoute(createHandlerBoundToURL('/till/index.html')))

addEventListener('message', ({ data }) => {
  // Of the worker's own scope, which the types of pages do not know.
  if (data === 'let in') void (self as unknown as { skipWaiting(): Promise<void> }).skipWaiting()
})
