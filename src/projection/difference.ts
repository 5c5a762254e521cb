/** What differs between two texts of a resource, element by element: `name[0].family: "Ray" → "Rey"`. */

export interface Difference {
  readonly path: string
  /** JSON text; undefined when the element is new */
  readonly before: string | undefined
  /** JSON text; undefined when the element is gone */
  readonly after: string | undefined
}

/** `meta.versionId` and `meta.lastUpdated` change with every version and say nothing. */
const OWN = new Set(['meta.versionId', 'meta.lastUpdated'])

export function differences(before: string, after: string): Difference[] {
  const old = flatten(before)
  const fresh = flatten(after)
  const paths = [...new Set([...old.keys(), ...fresh.keys()])]
  return paths
    .filter((path) => !OWN.has(path) && old.get(path) !== fresh.get(path))
    .map((path) => ({ path, before: old.get(path), after: fresh.get(path) }))
}

function flatten(text: string): Map<string, string> {
  const leaves = new Map<string, string>()
  if (text !== '') addLeaves(JSON.parse(text, keepDigits), '', leaves)
  return leaves
}

/** Decimals as they are written: `1.00` is not `1`. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value
}

class Digits {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

function addLeaves(value: unknown, path: string, leaves: Map<string, string>): void {
  if (value instanceof Digits) leaves.set(path, value.source)
  else if (Array.isArray(value)) value.forEach((item, index) => addLeaves(item, `${path}[${index}]`, leaves))
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value))
      addLeaves(member, path === '' ? name : `${path}.${name}`, leaves)
  } else leaves.set(path, JSON.stringify(value))
}
