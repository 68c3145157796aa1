import { expect, test } from 'vitest'
import { refusalOf } from './lens.ts'

const named = (name: string) => Object.assign(new Error(name), { name })

test.each([
  ['NotAllowedError', 'denied'],
  ['PermissionDeniedError', 'denied'],
  ['NotFoundError', 'none'],
  ['OverconstrainedError', 'none'],
  ['NotReadableError', 'busy'],
  ['TrackStartError', 'busy'],
  ['AbortError', 'busy'],
])('%s is a camera that is %s', (name, why) => {
  expect(refusalOf(named(name))).toBe(why)
})
