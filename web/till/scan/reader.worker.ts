/** Reads codes in pictures beside the page, so that it never stutters. A classic worker: old browsers know no other. */
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'
import type { Picture, Reading } from './reader.ts'

// Chrome 69 has no `globalThis`, which the reader needs; the page's own fillings do not reach in here.
if (!('globalThis' in self)) Object.assign(self, { globalThis: self })

/**
 * Slips and bills carry QR and Code 128; goods are read to be told apart. What has no check of its own (ITF, UPC-E) would
 * be read out of every striped shirt.
 */
const OPTIONS: ReaderOptions = {
  formats: ['QRCode', 'Code128', 'EAN13', 'EAN8', 'UPCA'],
  tryHarder: true,
  tryRotate: true,
  tryInvert: false,
  maxNumberOfSymbols: 4,
  textMode: 'Plain',
}

const ready = prepareZXingModule({
  overrides: { locateFile: () => wasm },
  fireImmediately: true,
})

const answer = (reading: Reading) => self.postMessage(reading)

async function read({ data, width, height }: Picture): Promise<Reading> {
  const image = { data: new Uint8ClampedArray(data), width, height, colorSpace: 'srgb' } as const
  const found = await readBarcodes(image, OPTIONS)
  return { kind: 'read', codes: found.map(({ text }) => text) }
}

self.addEventListener('message', ({ data }: MessageEvent<Picture>) => {
  read(data).then(answer, () => answer({ kind: 'broken' }))
})
ready.catch(() => answer({ kind: 'broken' }))
