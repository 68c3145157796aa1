/** Small readers of a syntax tree: names, texts and declarations, whatever the node around them. */

export type Node = {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

export function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.filter(isNode)
  return isNode(value) ? [value] : []
}

/**
 * Names the file declares itself; a parameter called `process` is not the global. Imported names
 * do not count: `process` from `node:process` and `fetch` from a client are the real things.
 */
export function boundNames(program: Node): ReadonlySet<string> {
  const names = new Set<string>()
  function bind(pattern: unknown): void {
    for (const node of nodesIn(pattern)) {
      if (node.type === 'Identifier') names.add(String(node['name']))
      else if (node.type === 'Property') bind(node['value'])
      else if (node.type === 'AssignmentPattern') bind(node['left'])
      else if (node.type === 'RestElement') bind(node['argument'])
      else if (node.type === 'ObjectPattern') bind(node['properties'])
      else if (node.type === 'ArrayPattern') bind(node['elements'])
    }
  }
  function visit(node: Node): void {
    if (node.type === 'VariableDeclarator') bind(node['id'])
    if (/Function/.test(node.type)) {
      bind(node['params'])
      bind(node['id'])
    }
    for (const value of Object.values(node)) nodesIn(value).forEach(visit)
  }
  visit(program)
  return names
}

/** `globalThis.Date.now` and `Date['now']` both read `Date.now`; null for anything computed. */
export function dottedName(value: unknown): string | null {
  const parts: string[] = []
  let node = value
  while (isNode(node) && node.type === 'MemberExpression') {
    const property = memberName(node)
    if (property === null) return null
    parts.unshift(property)
    node = node['object']
  }
  if (!isNode(node) || node.type !== 'Identifier') return null
  parts.unshift(String(node['name']))
  if (parts.length > 1 && (parts[0] === 'globalThis' || parts[0] === 'global')) parts.shift()
  return parts.join('.')
}

export function lastName(value: unknown): string | null {
  if (!isNode(value)) return null
  if (value.type === 'Identifier') return String(value['name'])
  return value.type === 'MemberExpression' ? memberName(value) : null
}

function memberName(member: Node): string | null {
  const property = member['property']
  if (member['computed'] === true) return literalText(property)
  return isNode(property) ? String(property['name']) : null
}

/** A string known before the program runs; null for a template that has values in it. */
export function fixedText(value: unknown): string | null {
  const hasValues = isNode(value) && nodesIn(value['expressions']).length > 0
  return hasValues ? null : literalText(value)
}

/** A string, or a template's fixed text with a gap for each value; null for anything else. */
export function literalText(value: unknown): string | null {
  if (!isNode(value)) return null
  if (value.type === 'Literal') {
    return typeof value['value'] === 'string' ? value['value'] : null
  }
  if (value.type !== 'TemplateLiteral') return null
  return nodesIn(value['quasis'])
    .map((part) => {
      const text = part['value']
      return typeof text === 'object' && text !== null && 'raw' in text ? String(text.raw) : ''
    })
    .join('…')
}
