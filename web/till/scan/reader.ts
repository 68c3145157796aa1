/** Asks the worker that reads codes in pictures, one picture at a time. */

/** RGBA, row by row; the bytes move to the worker. */
export type Picture = {
  readonly data: ArrayBuffer
  readonly width: number
  readonly height: number
}

/** `broken`: the reader could not be loaded or does not run here. */
export type Reading =
  { readonly kind: 'read'; readonly codes: readonly string[] } | { readonly kind: 'broken' }

export type Reader = {
  readonly read: (picture: Picture) => Promise<Reading>
  readonly close: () => void
}

export function openReader(): Reader {
  const worker = new Worker(new URL('./reader.worker.ts', import.meta.url))
  let isBroken = false
  let answer: ((reading: Reading) => void) | null = null
  const reply = (reading: Reading) => {
    isBroken = isBroken || reading.kind === 'broken'
    answer?.(reading)
    answer = null
  }
  worker.addEventListener('message', ({ data }: MessageEvent<Reading>) => reply(data))
  worker.addEventListener('error', () => reply({ kind: 'broken' }))
  return {
    read: (picture) =>
      new Promise((resolve) => {
        if (isBroken) return resolve({ kind: 'broken' })
        answer = resolve
        worker.postMessage(picture, [picture.data])
      }),
    close: () => worker.terminate(),
  }
}
