/** Who acts: every command takes one. A person acts at a terminal, from elsewhere, or the system acts by itself. */
import { rightsOf, type Rights } from './rights.ts'
import type { Role } from './roles.ts'

/** How somebody showed who they are: a key of their own, their PIN at this terminal, a one-time code they gave. */
export const WAYS = ['key', 'pin', 'code'] as const
export type Way = (typeof WAYS)[number]

export type Actor = {
  readonly tenant: number
  readonly store: string | null
  readonly terminal: string | null
  readonly staff: string | null
  /** How `staff` signed in; null without one. */
  readonly way: Exclude<Way, 'code'> | null
  readonly roles: readonly Role[]
  readonly rights: Rights
  /** A second person who stands behind this act; never the same as `staff`. */
  readonly second: Second | null
}

export type Second = {
  readonly staff: string
  readonly roles: readonly Role[]
  readonly way: Way
  /** The hash of a grant made at this terminal, good for one act only; null: a key of their own, good for any. */
  readonly grant: Buffer | null
}

export const systemOf = (tenant: number): Actor => ({
  tenant,
  store: null,
  terminal: null,
  staff: null,
  way: null,
  roles: ['system'],
  rights: rightsOf('system'),
  second: null,
})

/** May decide refunds: approve, reject, lower, stop, close, and stand second to a colleague. */
export const mayDecide = (person: { readonly roles: readonly Role[] }): boolean =>
  person.roles.some((role) => role === 'supervisor' || role === 'owner' || role === 'system')
