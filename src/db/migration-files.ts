import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One forward step. `check`, when present, is a query that must find nothing afterwards. */
export type MigrationFile = {
  version: number
  name: string
  sql: string
  checksum: string
  check: string | null
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/
const CHECK_NAME = /^\d{4}_[a-z0-9_]+\.check\.sql$/

/**
 * Reads `NNNN_name.sql` files in order of their numbers.
 *
 * @throws Error on a file named otherwise, a number used twice, or a check without its migration
 */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const checks = new Set(names.filter((name) => CHECK_NAME.test(name)))
  const files: MigrationFile[] = []
  for (const name of names) {
    if (checks.has(name)) continue
    const version = Number(FILE_NAME.exec(name)?.[1])
    if (!version) throw new Error(`Migration ${name}: expected a name like 0001_first_tables.sql.`)
    if (files.at(-1)?.version === version) {
      throw new Error(`Migrations ${files.at(-1)?.name} and ${name} have the same number.`)
    }
    const sql = await readText(join(directory, name))
    const checkName = name.replace(/\.sql$/, '.check.sql')
    const check = checks.delete(checkName) ? await readText(join(directory, checkName)) : null
    files.push({ version, name, sql, check, checksum: sha256(sql) })
  }
  const [orphan] = checks
  if (orphan) throw new Error(`Migration check ${orphan} belongs to no migration.`)
  return files
}

/** Line ends do not count: git may change them on the way to another machine. */
async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replaceAll('\r\n', '\n')
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
