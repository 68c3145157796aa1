import { expect, test } from 'vitest'
import { mayDecide, systemOf } from './actor.ts'
import { rightsOf } from './rights.ts'
import { ROLES, type Role } from './roles.ts'

test.each([
  ['cashier', false],
  ['supervisor', true],
  ['owner', true],
  ['system', true],
] as const)('a %s may decide: %s', (role, may) => {
  expect(mayDecide({ roles: [role] })).toBe(may)
})

test('nobody decides without a role, and one that decides is enough', () => {
  expect(mayDecide({ roles: [] })).toBe(false)
  expect(mayDecide({ roles: ['cashier', 'supervisor'] })).toBe(true)
  expect(ROLES.filter((role: Role) => !mayDecide({ roles: [role] }))).toEqual(['cashier'])
})

test('the system acts for one tenant, at no terminal and without a second person', () => {
  expect(systemOf(7)).toEqual({
    tenant: 7,
    store: null,
    terminal: null,
    staff: null,
    way: null,
    roles: ['system'],
    rights: rightsOf('system'),
    second: null,
  })
})
