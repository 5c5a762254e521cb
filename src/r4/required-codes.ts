/** The codes of the value sets that required bindings name, where they can be listed. */
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
