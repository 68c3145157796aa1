/**
 * Reads one source file into the facts the walls are judged on: what it imports, and which
 * uses of the clock, randomness, timers, the process, SQL, transactions and HTTP stand in it.
 *
 * Real syntax trees, not regular expressions: a word inside a comment or a sentence must never
 * break the build, and a call split over two lines must never slip through.
 */
import { parseAst } from 'vitest/node'
import {
  boundNames,
  dottedName,
  fixedText,
  isNode,
  lastName,
  literalText,
  nodesIn,
  type Node,
} from './syntax.ts'

/** A file as the walls see it: its path from the repository's root, and its text. */
export type SourceFile = { readonly path: string; readonly source: string }

/** `names` are the exported names taken; `default` and `*` stand for those two forms. */
export type Import = {
  readonly specifier: string
  readonly typeOnly: boolean
  readonly names: readonly string[]
  readonly line: number
}

export type UseKind = 'ambient' | 'environment' | 'fetch' | 'sql' | 'transaction' | 'hidden import'

/** Something a file does that only some rooms may do; `what` is quoted in the message. */
export type Use = { readonly kind: UseKind; readonly what: string; readonly line: number }

export type Facts = {
  readonly path: string
  readonly imports: readonly Import[]
  readonly uses: readonly Use[]
}

/** Globals through which time, chance or the process reach code that should be given them. */
const AMBIENT_GLOBALS = new Set([
  'process',
  'crypto',
  'performance',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
])
const AMBIENT_CALLS = new Set(['Date.now', 'Math.random'])
const NETWORK_GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'])

/** Kysely's verbs that start a statement; `.with(` is left out because many libraries have one. */
const SQL_BUILDERS = new Set([
  'selectFrom',
  'selectNoFrom',
  'insertInto',
  'replaceInto',
  'updateTable',
  'deleteFrom',
  'mergeInto',
])
const SQL_TEXT =
  /^\s*(select\b[\s\S]+\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|index|role|policy|function|database)\b|set\s+(local\s+)?(role|search_path)\b)/i

/** The functions that open a transaction: ours, Kysely's, and a hand-written `begin`. */
const TRANSACTION_OPENERS = new Set([
  'inTenant',
  'transaction',
  'startTransaction',
  'controlledTransaction',
])
const BEGIN_TEXT = /^\s*(begin|start\s+transaction)\s*($|;|isolation\b|read\b|transaction\b)/i
const STATEMENT_RUNNERS = new Set(['query', 'executeSql', 'raw'])

/** Type syntax is skipped, but these wrap expressions that run. */
const RUNNING_TYPE_SYNTAX = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSExportAssignment',
])

/** Throws what the parser throws on a file that is not valid TypeScript. */
export function readFacts({ path, source }: SourceFile): Facts {
  const imports: Import[] = []
  const uses: Use[] = []
  const program: unknown = parseAst(source, { lang: path.endsWith('x') ? 'tsx' : 'ts' })
  if (!isNode(program)) throw new Error(`${path}: the parser returned no program`)
  const bound = boundNames(program)
  const lineOf = (node: Node) => source.slice(0, node.start).split('\n').length

  function visit(node: Node, parent: Node | null, key: string, insideType: boolean): void {
    const inType = insideType || (node.type.startsWith('TS') && !RUNNING_TYPE_SYNTAX.has(node.type))
    const found = importOf(node)
    if (found) imports.push({ ...found, line: lineOf(node) })
    if (!inType) {
      for (const use of usesOf(node, parent, key, bound)) uses.push({ ...use, line: lineOf(node) })
    }
    for (const [childKey, value] of Object.entries(node)) {
      for (const child of nodesIn(value)) visit(child, node, childKey, inType)
    }
  }

  visit(program, null, '', false)
  return { path, imports, uses }
}

function importOf(node: Node): Omit<Import, 'line'> | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      const specifier = literalText(node['source'])
      if (specifier === null) return null
      const parts = nodesIn(node['specifiers'])
      const allTypes =
        parts.length > 0 &&
        parts.every((part) => part['importKind'] === 'type' || part['exportKind'] === 'type')
      const typeOnly = node['importKind'] === 'type' || node['exportKind'] === 'type' || allTypes
      const names = node.type === 'ExportAllDeclaration' ? ['*'] : parts.map(importedName)
      return { specifier, typeOnly, names }
    }
    case 'ImportExpression': {
      const specifier = fixedText(node['source'])
      return specifier === null ? null : { specifier, typeOnly: false, names: ['*'] }
    }
    case 'TSImportType': {
      const specifier = literalText(node['source'])
      return specifier === null ? null : { specifier, typeOnly: true, names: ['*'] }
    }
    case 'CallExpression': {
      if (dottedName(node['callee']) !== 'require') return null
      const specifier = literalText(nodesIn(node['arguments'])[0])
      return specifier === null ? null : { specifier, typeOnly: false, names: ['*'] }
    }
    default:
      return null
  }
}

function importedName(part: Node): string {
  if (part.type === 'ImportDefaultSpecifier') return 'default'
  if (part.type === 'ImportNamespaceSpecifier') return '*'
  const name = part.type === 'ImportSpecifier' ? part['imported'] : part['local']
  return dottedName(name) ?? literalText(name) ?? '*'
}

function usesOf(
  node: Node,
  parent: Node | null,
  key: string,
  bound: ReadonlySet<string>,
): Omit<Use, 'line'>[] {
  switch (node.type) {
    case 'Identifier':
    case 'MemberExpression':
      return globalUses(node, parent, key, bound)
    case 'NewExpression': {
      const noArguments = nodesIn(node['arguments']).length === 0
      return dottedName(node['callee']) === 'Date' && noArguments
        ? [{ kind: 'ambient', what: 'new Date()' }]
        : []
    }
    case 'TaggedTemplateExpression': {
      const tag = dottedName(node['tag'])
      return tag === 'sql' || tag?.startsWith('sql.') ? [{ kind: 'sql', what: 'sql`…`' }] : []
    }
    case 'Literal':
    case 'TemplateLiteral': {
      if (parent?.type === 'TaggedTemplateExpression') return []
      const text = literalText(node)
      return text !== null && SQL_TEXT.test(text)
        ? [{ kind: 'sql', what: JSON.stringify(text.trim().slice(0, 40)) }]
        : []
    }
    case 'ImportExpression':
      return fixedText(node['source']) === null
        ? [{ kind: 'hidden import', what: 'import() of a computed path' }]
        : []
    case 'CallExpression':
      return callUses(node)
    default:
      return []
  }
}

function callUses(node: Node): Omit<Use, 'line'>[] {
  const callee = node['callee']
  const full = dottedName(callee)
  const last = lastName(callee)
  const uses: Omit<Use, 'line'>[] = []
  if (full === 'Date') uses.push({ kind: 'ambient', what: 'Date()' })
  if (last === null) return uses
  const method = isNode(callee) && callee.type === 'MemberExpression'
  if (method && SQL_BUILDERS.has(last)) uses.push({ kind: 'sql', what: `.${last}(` })
  if (TRANSACTION_OPENERS.has(last)) {
    uses.push({ kind: 'transaction', what: method ? `.${last}(` : `${last}(` })
  }
  const text = literalText(nodesIn(node['arguments'])[0])
  if (STATEMENT_RUNNERS.has(last) && text !== null && BEGIN_TEXT.test(text)) {
    uses.push({ kind: 'transaction', what: `${last}('begin')` })
  }
  return uses
}

function globalUses(
  node: Node,
  parent: Node | null,
  key: string,
  bound: ReadonlySet<string>,
): Omit<Use, 'line'>[] {
  const name = isReference(parent, key) ? dottedName(node) : null
  const root = name?.split('.')[0]
  if (name === null || root === undefined || bound.has(root)) return []
  const uses: Omit<Use, 'line'>[] = []
  if (AMBIENT_GLOBALS.has(name) || AMBIENT_CALLS.has(name)) {
    uses.push({ kind: 'ambient', what: name })
  }
  if (name === 'process.env') uses.push({ kind: 'environment', what: name })
  // Taking the process apart (`const { env } = process`) reads the environment just the same.
  if (name === 'process' && parent?.type === 'VariableDeclarator') {
    uses.push({ kind: 'environment', what: 'a copy of process' })
  }
  if (NETWORK_GLOBALS.has(name)) uses.push({ kind: 'fetch', what: name })
  return uses
}

/** False where an identifier is only a name: a property's key, a member after the dot, a label. */
function isReference(parent: Node | null, key: string): boolean {
  if (parent === null || parent['computed'] === true) return true
  if (parent.type === 'MemberExpression') return key === 'object'
  if (parent.type === 'Property') return key === 'value'
  if (parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') {
    return key === 'value'
  }
  return !/Specifier$|^LabeledStatement$|^(Break|Continue)Statement$/.test(parent.type)
}
