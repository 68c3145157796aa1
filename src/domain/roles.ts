export const ROLES = ['cashier', 'supervisor', 'owner', 'system'] as const
export type Role = (typeof ROLES)[number]

/** Of people; the system is nobody's role. */
export type StaffRole = Exclude<Role, 'system'>
