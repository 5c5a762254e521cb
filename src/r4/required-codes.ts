/** The codes and concepts of the value sets that required bindings name, where they can be listed, and their systems. */
import { readDefinitions } from './definitions.ts'

const lists = readDefinitions('required-codes') as Record<string, readonly string[]>
const sets = new Map<string, ReadonlySet<string>>()

/** `valueSet`: the canonical without version, as in `ElementDefinition.binding`. Undefined: cannot be listed (UCUM). */
export function codesOf(valueSet: string): ReadonlySet<string> | undefined {
  const known = sets.get(valueSet)
  if (known !== undefined || !Object.hasOwn(lists, valueSet)) return known
  const codes = new Set(lists[valueSet])
  sets.set(valueSet, codes)
  return codes
}

const conceptLists = readDefinitions('required-concepts') as Record<string, readonly string[]>

/** Is one coding of the CodeableConcept in the value set? True of a value set that cannot be listed. */
export function hasRequiredCoding(valueSet: string, concept: Readonly<Record<string, unknown>>): boolean {
  const concepts = Object.hasOwn(conceptLists, valueSet) ? conceptLists[valueSet] : undefined
  if (concepts === undefined) return true
  const codings: unknown = concept['coding']
  if (!Array.isArray(codings)) return false
  return (codings as ({ system?: unknown; code?: unknown } | null)[]).some((coding) =>
    concepts.includes(`${String(coding?.system)}|${String(coding?.code)}`),
  )
}

const systems = readDefinitions('required-systems') as Record<string, string>

/** The code system of a value set that has one alone: what the `code` of a required binding means. */
export function systemOf(valueSet: string): string | undefined {
  return Object.hasOwn(systems, valueSet) ? systems[valueSet] : undefined
}
