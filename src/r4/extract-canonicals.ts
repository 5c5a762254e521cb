/**
 * Definitions of R4 for `extract.ts`, one a line: what is computed with, without narrative, publishers and contacts. The
 * index beside them says which are there, so that none is read before it is asked for.
 */

type Json = Readonly<Record<string, unknown>>

interface Canonical extends Json {
  readonly resourceType: string
  readonly url?: string
  readonly version?: string
}

/** Elements of the resource that no operation answers with; of a profile what its differential says is enough. */
const LEFT_OUT = new Set([
  ...['text', 'meta', 'contact', 'identifier', 'publisher', 'purpose', 'experimental', 'immutable', 'date'],
  ...['useContext', 'jurisdiction', 'snapshot', 'mapping'],
])
/** Of an element of a profile: what is for people only. */
const PROSE = new Set(['short', 'definition', 'comment', 'requirements', 'alias', 'example', 'mapping', 'mustSupport'])
/** The definitions package adds some of R5. */
const R5 = /^5\./
/** Lengths are counted in bytes: the file is read as such. */
const encoder = new TextEncoder()

export function canonicalFiles(name: string, resources: readonly Json[]): Record<string, string> {
  const kept = (resources as readonly Canonical[]).filter((it) => isKept(it))
  const rows = kept.map((it) => ({ it, line: JSON.stringify(compact(it)) }))
  const index = rows.map(({ it, line }) => indexLine(it, encoder.encode(line).length))
  return {
    [`${name}.json`]: `[\n${index.map((line) => JSON.stringify(line)).join(',\n')}\n]\n`,
    [`${name}.ndjson.gz`]: rows.map(({ line }) => `${line}\n`).join(''),
  }
}

function isKept({ url, version = '' }: Canonical): boolean {
  return url !== undefined && !R5.test(version)
}

/** `CodeSystem http://hl7.org/fhir/administrative-gender 4.0.1 1234`: type, canonical, version or -, bytes. */
function indexLine({ resourceType, url = '', version = '-' }: Canonical, bytes: number): string {
  return [resourceType, url, version, bytes].join(' ')
}

function compact(resource: Canonical): object {
  const kept = Object.entries(resource).filter(([name]) => !LEFT_OUT.has(name))
  return withoutExtensions(Object.fromEntries(kept.map(([name, each]) => [name, withoutProse(name, each)]))) as object
}

function withoutProse(name: string, value: unknown): unknown {
  if (name !== 'differential') return value
  const { element } = value as { readonly element: readonly Json[] }
  return {
    element: element.map((each) => Object.fromEntries(Object.entries(each).filter(([key]) => !PROSE.has(key)))),
  }
}

function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'extension' && !name.startsWith('_'))
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutExtensions(each)]))
}
