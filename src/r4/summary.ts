/** Which elements the summary of a resource has (R4 search.html#summary): those marked so, and those it cannot lack. */
import { readDefinitions } from './definitions.ts'
import { elementsOf } from './elements.ts'

const summaries = readDefinitions('summary') as Record<string, readonly string[]>
const byType = new Map<string, ReadonlySet<string>>()

/** JSON names, of a resource type or of a backbone element (`Observation.component`). */
export function summaryNames(type: string): ReadonlySet<string> {
  const known = byType.get(type)
  if (known) return known
  const marked = summaries[type] ?? []
  const elements = [...(elementsOf(type)?.values() ?? [])]
  const kept = elements.filter((each) => each.required || marked.includes(each.choice ?? each.name))
  const names = new Set(kept.map(({ name }) => name))
  byType.set(type, names)
  return names
}
