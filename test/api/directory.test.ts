/** Who is who: names of stores, terminals and people for whoever shows their numbers. */
import { expect, test } from 'vitest'
import { directoryShown } from '../../src/api/contract-people.ts'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { TENANT } from '../support/shop.ts'
import { openTill } from '../support/till.ts'

test('a terminal alone learns every name, also of people who left, and nothing else of them', async () => {
  const till = await openTill((await testDatabase()).db)
  await inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('staff').set({ left_at: new Date() }).where('staff_no', '=', 'li').execute(),
  )
  const { status, body } = await till.call('GET', '/v1/directory', undefined, 'nobody')
  expect(status).toBe(200)
  expect(directoryShown.parse(body)).toEqual({
    stores: [
      { no: 's1', name: '川味小馆·春熙路店' },
      { no: 's2', name: '川味小馆·天府店' },
    ],
    terminals: [
      { no: 't1', name: '1号机', store: 's1' },
      { no: 't2', name: '2号机', store: 's2' },
    ],
    staff: [
      { no: 'li', name: '李四', store: 's1', role: 'supervisor', left: true },
      { no: 'wang', name: '王五', store: null, role: 'owner', left: false },
      { no: 'zhang', name: '张三', store: 's1', role: 'cashier', left: false },
    ],
  })
})
