/**
 * The invariants of R4 by the type of the element they are about, for `extract.ts`: those that the check of a resource's
 * structure does not ask already, and that are more than advice.
 */
import type { Constraint, Element, StructureDefinition } from './extract-elements.ts'

/** [key, severity, expression, what HL7 says of it] */
type Line = [string, string, string, string]

/** Asked by `structure.ts`. */
const asked = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2'])
const bestPractice = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'

export function invariantsByType(structures: readonly StructureDefinition[]): Record<string, Line[]> {
  const result: Record<string, Line[]> = {}
  for (const { kind, abstract, snapshot } of structures) {
    if (kind === 'primitive-type' || abstract) continue
    for (const element of snapshot.element) {
      for (const [type, line] of linesOf(element)) {
        const lines = result[type] ?? []
        if (lines.every(([key]) => key !== line[0])) result[type] = [...lines, line]
      }
    }
  }
  return result
}

/** Each with the type that it is asked of: what is about an element of a data type is asked of what is around it. */
function linesOf({ path, type = [], constraint = [], base }: Element): [string, Line][] {
  // what an element of a resource has from its own type stands there
  if (path.includes('.') && base !== undefined && base.path !== path) return []
  const isOwn = !path.includes('.') || /^(Backbone)?Element$/.test(type[0]?.code ?? '')
  const name = path.slice(path.lastIndexOf('.') + 1).replace('[x]', '')
  return constraint.filter(isAsked).map(({ key, severity, expression, human }) => {
    const around = isOwn ? path : path.slice(0, path.lastIndexOf('.'))
    return [around, [key, severity, isOwn ? expression : `${name}.all(${expression})`, human]]
  })
}

function isAsked(constraint: Constraint): constraint is Constraint & { expression: string } {
  const { key, expression, extension = [] } = constraint
  return expression !== undefined && !asked.has(key) && !extension.some(({ url }) => url === bestPractice)
}
