import { makeKey } from '../auth/keys.ts'
import type { Core } from '../commands/core.ts'
import type { KeyMaker } from '../commands/set-up-shop.ts'

const SECRET_BYTES = 32

export const keyMaker =
  (core: Core): KeyMaker =>
  (tenant, kind) =>
    makeKey(tenant, kind, core.random.bytes(SECRET_BYTES))
