/**
 * RSA signatures per second of one core: each refund at a real channel takes one of ours and, with the sandbox on the
 * same machine, two of the channel's (its answer and its notification), so that this and not the books bounds it.
 */
import { generateKeyPairSync, sign } from 'node:crypto'

const KEY_BITS = 2048
const SPAN_MS = 1_000
/** About as long as what is signed for one refund. */
const MESSAGE = Buffer.alloc(400, 'r')

export function measureSigning(): number {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS })
  const from = performance.now()
  let made = 0
  for (; performance.now() - from < SPAN_MS; made += 1) sign('RSA-SHA256', MESSAGE, privateKey)
  return (made * 1000) / (performance.now() - from)
}
