/** Writes docs/openapi.json from the routes' own schemas; the tests tell when it is out of date. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openApiText } from './openapi-text.ts'

const path = join(import.meta.dirname, '../docs/openapi.json')
await mkdir(dirname(path), { recursive: true })
await writeFile(path, await openApiText())
