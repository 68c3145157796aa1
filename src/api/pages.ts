/**
 * The till's app as files: `/till/` and all below it, as built by `npm run build`. Which of its screens is meant is
 * the app's own business, so every address that a person opens there gets the one page.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../domain/problems.ts'
import { PAGES_MISSING } from '../texts/pages.ts'
import type { Resource } from './api.ts'
import { Problem } from './problem.ts'

const TILL = '/till'
const PAGE = 'index.html'
/** Here the build puts files whose names change with their content. */
const HASHED = 'assets'

const FOR_EVER = 'public, max-age=31536000, immutable'
/** Kept, but asked about each time: the answer is mostly 304. */
const ASK_FIRST = 'no-cache'

/** @param folder of the built app; it may be missing, and may come and change while the server runs */
export const pageResource =
  (folder: string): Resource =>
  (app) => {
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect(`${TILL}/`))
    app.get(TILL, { schema: { hide: true } }, (_request, reply) => reply.redirect(`${TILL}/`))

    app.register(
      async (till) => {
        till.addHook('onRequest', async (_request, reply) => void reply.headers(GUARDS))
        const page = (_request: FastifyRequest, reply: FastifyReply) => sendPage(folder, reply)
        till.get('/', { prefixTrailingSlash: 'slash', schema: { hide: true } }, page)
        till.get(`/${PAGE}`, { schema: { hide: true } }, page)
        till.register(fastifyStatic, {
          root: folder,
          index: false,
          dotfiles: 'ignore',
          preCompressed: true,
          cacheControl: false,
          decorateReply: false,
          suppressWarning: true,
          setHeaders: (reply, path) => {
            reply.header('cache-control', isHashed(folder, path) ? FOR_EVER : ASK_FIRST)
          },
        })
        till.setNotFoundHandler((request, reply) => {
          if (!isNavigation(request)) throw new Problem(refuse('not_found', { what: 'route' }))
          return sendPage(folder, reply)
        })
      },
      { prefix: TILL },
    )
  }

const isHashed = (folder: string, path: string): boolean =>
  path.startsWith(resolve(folder, HASHED) + sep)

/** A person opening an address, and not the app asking for a file: that must be missing where it is missing. */
function isNavigation({ method, url, headers }: FastifyRequest): boolean {
  const file = (url.split('?')[0] ?? '').split('/').at(-1) ?? ''
  return (
    (method === 'GET' || method === 'HEAD') &&
    !file.includes('.') &&
    !url.startsWith(`${TILL}/${HASHED}/`) &&
    (headers.accept ?? '').includes('text/html')
  )
}

async function sendPage(folder: string, reply: FastifyReply): Promise<FastifyReply> {
  const html = await readFile(join(folder, PAGE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (html === null) {
    return reply.code(503).type('text/plain; charset=utf-8').send(PAGES_MISSING)
  }
  return reply
    .code(200)
    .type('text/html; charset=utf-8')
    .header('cache-control', ASK_FIRST)
    .header('content-security-policy', pagePolicy(html))
    .send(html)
}

/** For the browser's eyes only, whatever is answered below `/till`. */
const GUARDS = {
  // Workers are ruled by the header of their own file. Browsers before Chrome 97 know no finer word than unsafe-eval
  // for WebAssembly; there the scanner works in its worker, while the page itself never gets it.
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; connect-src 'self'; frame-ancestors 'none'",
  'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
}

/** What stands inline in the page counts only as the build wrote it: by its hash. */
function pagePolicy(html: string): string {
  const scripts = hashes(html, /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...scripts].join(' '),
    "worker-src 'self' blob:",
    "connect-src 'self'",
    ["style-src 'self'", ...hashes(html, /<style[^>]*>([\s\S]*?)<\/style>/g)].join(' '),
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const hashes = (html: string, element: RegExp): readonly string[] =>
  Array.from(
    html.matchAll(element),
    ([, content = '']) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`,
  )
