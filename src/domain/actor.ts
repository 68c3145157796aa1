/** Who acts: every command takes one. A person acts at a terminal, from elsewhere, or the system acts by itself. */
export const ROLES = ['cashier', 'supervisor', 'owner', 'system'] as const
export type Role = (typeof ROLES)[number]

export type Actor = {
  readonly tenant: number
  readonly store: string | null
  readonly terminal: string | null
  readonly staff: string | null
  readonly roles: readonly Role[]
  /** A second person who stands behind this act with a key of their own; never the same as `staff`. */
  readonly second: { readonly staff: string; readonly roles: readonly Role[] } | null
}

export const systemOf = (tenant: number): Actor => ({
  tenant,
  store: null,
  terminal: null,
  staff: null,
  roles: ['system'],
  second: null,
})

/** May decide refunds: approve, reject, lower, stop, close, and stand second to a colleague. */
export const mayDecide = (person: { readonly roles: readonly Role[] }): boolean =>
  person.roles.some((role) => role === 'supervisor' || role === 'owner' || role === 'system')
