/** The book of applied migrations, in a schema of its own: the owner writes it, the application may read it. */
import type pg from 'pg'
import { APP_ROLE } from './connect.ts'
import type { MigrationFile } from './migration-files.ts'
import { DatabaseFault } from './sign-in.ts'

type AppliedRow = { version: number; name: string; checksum: string }

/** The roles exist already. */
export async function createBook(owner: pg.Client): Promise<void> {
  await owner.query(`
    create schema if not exists yuanlu_meta;
    create table if not exists yuanlu_meta.migration (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    grant usage on schema yuanlu_meta to ${APP_ROLE};
    grant select on yuanlu_meta.migration to ${APP_ROLE};
  `)
}

/** Within the transaction that runs the file. */
export async function note(owner: pg.Client, file: MigrationFile): Promise<void> {
  await owner.query(
    'insert into yuanlu_meta.migration (version, name, checksum) values ($1, $2, $3)',
    [file.version, file.name, file.checksum],
  )
}

/**
 * The files still to run, after proving that the book and the files tell one story.
 *
 * @throws DatabaseFault when an applied file was changed or is missing, when a file comes too late,
 *   or when the database was migrated by a newer version
 */
export async function openMigrations(
  client: pg.Client,
  files: MigrationFile[],
): Promise<MigrationFile[]> {
  const { rows: book } = await client.query<AppliedRow>(
    'select version, name, checksum from yuanlu_meta.migration order by version',
  )
  const newest = book.at(-1)?.version ?? 0
  if (newest > (files.at(-1)?.version ?? 0)) {
    throw new DatabaseFault(
      `this database was migrated by a newer Yuanlu (it is at ${book.at(-1)?.name}); ` +
        'start that version, an older one could misread its data',
    )
  }
  for (const row of book) {
    const file = files.find((candidate) => candidate.version === row.version)
    if (!file) {
      throw new DatabaseFault(
        `migration ${row.name} was applied here, but its file is missing; restore it`,
      )
    }
    if (file.checksum !== row.checksum) {
      throw new DatabaseFault(
        `migration ${file.name} was changed after it had been applied here; ` +
          'restore the file and put the change into a new migration',
      )
    }
  }
  const done = new Set(book.map((row) => row.version))
  const open = files.filter((file) => !done.has(file.version))
  const late = open.find((file) => file.version < newest)
  if (late) {
    throw new DatabaseFault(
      `migration ${late.name} comes too late: this database is already at ${newest}`,
    )
  }
  return open
}
