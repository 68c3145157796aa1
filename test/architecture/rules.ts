/**
 * The walls. Each rule takes the facts of all files and returns the breaches, as sentences that
 * name the file, the line and what to do instead; an empty list means the rule holds.
 */
import { posix } from 'node:path'
import {
  IMPORT_EXCEPTIONS,
  NETWORK_BUILTINS,
  PACKAGE_OWNERS,
  ROOMS,
  ROOMS_WITHOUT_AMBIENT,
  USES_ALLOWED,
  WALK_FILES,
  type Room,
} from './rooms.ts'
import { type Facts, type Import } from './source.ts'

/** What package.json says; the values (versions) do not matter here. */
export type Manifest = {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

type Rule = (files: readonly Facts[]) => string[]

const isTest = (path: string) => /\.test\.tsx?$/.test(path)
const roomOf = (path: string): Room | undefined => ROOMS.find((room) => room.holds.test(path))
const startsWithAny = (path: string, prefixes: readonly string[]) =>
  prefixes.some((prefix) => path.startsWith(prefix))

/** A package's name without the path inside it; null for relative files and Node's modules. */
function packageOf(specifier: string): string | null {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return null
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The file a relative import points at; null for packages. */
function targetOf(from: string, { specifier }: Import): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null
}

function excepted(file: string, { specifier, names }: Import): boolean {
  const allowed = IMPORT_EXCEPTIONS.filter((e) => e.file === file && e.specifier === specifier)
  return allowed.some((e) => names.every((name) => (e.names as readonly string[]).includes(name)))
}

/** Product code: tests beside it may use whatever proves the point. */
const productOf = (files: readonly Facts[]) =>
  files.filter(({ path }) => !isTest(path) && /^(src|sandbox|web)\/|^scripts\/build-web/.test(path))

export const everyFileHasARoom: Rule = (files) =>
  files
    .filter(({ path }) => roomOf(path) === undefined)
    .map(({ path }) => `${path}: stands in no room; put it in one, or add the room to rooms.ts`)

export const roomsKeepTheirDoors: Rule = (files) =>
  productOf(files).flatMap(({ path, imports }) => {
    const room = roomOf(path)
    if (!room) return []
    return imports.flatMap((edge) => {
      const target = targetOf(path, edge)
      if (target === null || doorIsOpen(room, path, target, edge.typeOnly)) return []
      const name = roomOf(target)?.name
      const typesOnly = name !== undefined && room.doors[name] === 'type'
      return `${path}:${edge.line}: ${room.name} may not import ${target}${typesOnly ? ' (types only)' : ''}`
    })
  })

function doorIsOpen(room: Room, path: string, target: string, typeOnly: boolean): boolean {
  const other = roomOf(target)
  if (!other || isTest(target)) return false
  if (other.name !== room.name) {
    const door = room.doors[other.name]
    return door === 'value' || (door === 'type' && typeOnly)
  }
  return !room.apart || room.holds.exec(path)?.[1] === room.holds.exec(target)?.[1]
}

/** The sandbox judges us, so even its tests know nothing of the code they judge. */
export const sandboxTestsKeepApart: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith('sandbox/') && isTest(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter((edge) => targetOf(path, edge)?.startsWith('src/'))
        .map((edge) => `${path}:${edge.line}: sandbox may not import ${edge.specifier}`),
    )

export const builtinsKeepTheirRooms: Rule = (files) =>
  productOf(files).flatMap(({ path, imports }) => {
    const room = roomOf(path)
    if (!room || room.builtins === 'any') return []
    const allowed = room.builtins
    return imports
      .filter((edge) => edge.specifier.startsWith('node:'))
      .filter((edge) => !allowed.includes(edge.specifier) && !excepted(path, edge))
      .map(
        (edge) =>
          `${path}:${edge.line}: ${room.name} may not import { ${edge.names.join(', ')} } from ${edge.specifier}`,
      )
  })

export const packagesKeepTheirOwners: Rule = (files) =>
  productOf(files).flatMap(({ path, imports }) =>
    imports.flatMap((edge) => {
      const name = packageOf(edge.specifier)
      const row = PACKAGE_OWNERS.find((owner) => owner.name === name)
      if (name === null || !row) return []
      const typesAllowed = edge.typeOnly && startsWithAny(path, row.typesFor ?? [])
      if (startsWithAny(path, row.owners) || typesAllowed || excepted(path, edge)) return []
      return `${path}:${edge.line}: ${name} belongs to ${row.owners.join(', ')} (${row.why})`
    }),
  )

/** Only what `npm ci --omit=dev` installs may be imported by what ships; the pages are built at its first start. */
export const onlyShippedPackages =
  (manifest: Manifest): Rule =>
  (files) =>
    productOf(files).flatMap(({ path, imports }) =>
      imports.flatMap((edge) => {
        const name = packageOf(edge.specifier)
        if (name === null || name in manifest.dependencies) return []
        const kind = name in manifest.devDependencies ? 'a dev dependency' : 'not a dependency'
        return `${path}:${edge.line}: ${name} is ${kind}`
      }),
    )

/** Every dependency has an owner, and no row outlives its dependency. */
export function ownersMatchManifest(manifest: Manifest): string[] {
  const owned = new Set(PACKAGE_OWNERS.map(({ name }) => name))
  const missing = Object.keys(manifest.dependencies)
    .filter((name) => !owned.has(name))
    .map((name) => `package.json: ${name} has no owner; add a row to PACKAGE_OWNERS`)
  const stale = [...owned]
    .filter((name) => !(name in manifest.dependencies))
    .map((name) => `PACKAGE_OWNERS: ${name} is no dependency any more`)
  return [...missing, ...stale]
}

export const usesKeepTheirRooms: Rule = (files) =>
  productOf(files)
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, uses }) => {
      const room = roomOf(path)?.name ?? ''
      return uses.flatMap(({ kind, what, line }) => {
        if (kind === 'hidden import') return `${path}:${line}: ${what} hides from the walls`
        if (kind === 'ambient') {
          const banned = ROOMS_WITHOUT_AMBIENT.includes(room)
          return banned
            ? `${path}:${line}: ${room} may not use ${what}; take it as an argument`
            : []
        }
        return mayUse(kind, room, path)
          ? []
          : `${path}:${line}: ${what} belongs to ${USES_ALLOWED[kind].rooms.join(', ')}`
      })
    })

function mayUse(kind: keyof typeof USES_ALLOWED, room: string, path: string): boolean {
  const { rooms, files } = USES_ALLOWED[kind]
  return (
    (rooms as readonly string[]).includes(room) || files.some(({ file }) => path.startsWith(file))
  )
}

export const networkModulesKeepTheirRooms: Rule = (files) =>
  productOf(files)
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, imports }) =>
      imports
        .filter((edge) => NETWORK_BUILTINS.includes(edge.specifier) && !edge.typeOnly)
        .filter(() => !mayUse('fetch', roomOf(path)?.name ?? '', path))
        .map((edge) => `${path}:${edge.line}: ${edge.specifier} belongs to call, notify`),
    )

/** Files that import each other in a ring cannot be read, or tested, one at a time. */
export const noCycles: Rule = (files) => {
  const product = productOf(files).filter(({ path }) => path.startsWith('src/'))
  const known = new Set(product.map(({ path }) => path))
  const edges = new Map(
    product.map(({ path, imports }) => [
      path,
      imports.map((edge) => targetOf(path, edge)).filter((to) => to !== null && known.has(to)),
    ]),
  )
  const done = new Set<string>()
  const rings: string[] = []
  function walk(path: string, trail: readonly string[]): void {
    const seenAt = trail.indexOf(path)
    if (seenAt >= 0) {
      rings.push(`cycle: ${[...trail.slice(seenAt), path].join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const to of edges.get(path) ?? []) if (to !== null) walk(to, [...trail, path])
    done.add(path)
  }
  for (const { path } of product) walk(path, [])
  return rings
}

/** The page that newcomers read first must name files that are there. */
export function walkIsTrue(page: string, exists: (path: string) => boolean): string[] {
  const section = /<!-- walk -->([\s\S]*?)<!-- \/walk -->/.exec(page)?.[1]
  if (section === undefined) return ['ARCHITECTURE.md: no <!-- walk --> … <!-- /walk --> section']
  const paths = new Set(Array.from(section.matchAll(/`(src\/[^`\s]+)`/g), ([, path]) => path ?? ''))
  const walk = [...paths].filter((path) => !/^src\/(domain|store)\//.test(path))
  const missing = [...paths]
    .filter((path) => !exists(path))
    .map((path) => `ARCHITECTURE.md: ${path} does not exist`)
  return walk.length === WALK_FILES
    ? missing
    : [...missing, `ARCHITECTURE.md: the walk names ${walk.length} files, not ${WALK_FILES}`]
}
