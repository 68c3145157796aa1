/** Text and times as WeChat Pay takes them. */

const CHINA_OFFSET_MS = 8 * 3_600_000

/** Cuts after the last whole character that fits into `bytesMax` bytes of UTF-8; control characters become blanks. */
export function clip(text: string, bytesMax: number): string {
  let kept = ''
  let bytes = 0
  for (const each of text.replace(/\p{Cc}+/gu, ' ').trim()) {
    bytes += Buffer.byteLength(each)
    if (bytes > bytesMax) break
    kept += each
  }
  return kept
}

/** `2026-11-22T20:00:00+08:00`. */
export function chinaTime(at: Date): string {
  return `${new Date(at.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 19)}+08:00`
}
