/** Who is who: the names behind the numbers that refunds, sales and their steps carry. */
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import { readDirectory } from '../store/directory.ts'
import type { Resource } from './api.ts'
import { directoryShown } from './contract-people.ts'
import { who } from './sign-in.ts'

export const directoryResource =
  (core: Core): Resource =>
  (v1) => {
    v1.get(
      '/directory',
      {
        schema: {
          summary: 'The names of stores, terminals and people',
          response: { 200: directoryShown },
        },
      },
      async (request) => {
        const { stores, terminals, staff } = await readInTenant(
          core.db,
          who(request).tenant,
          readDirectory,
        )
        return {
          stores: [...stores],
          terminals: [...terminals],
          staff: staff.map(({ left_at: leftAt, ...person }) => ({
            ...person,
            left: leftAt !== null,
          })),
        }
      },
    )
  }
