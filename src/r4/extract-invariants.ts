/**
 * The invariants of R4 by the type of the element they are about, for `extract.ts`: those that the check of a resource's
 * structure does not ask already, and that are more than advice.
 */
import type { Constraint, StructureDefinition } from './extract-elements.ts'

/** [key, severity, expression, what HL7 says of it] */
type Line = [string, string, string, string]

/** Asked by `structure.ts`. */
const asked = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2'])
const bestPractice = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'

export function invariantsByType(structures: readonly StructureDefinition[]): Record<string, Line[]> {
  const result: Record<string, Line[]> = {}
  for (const { id, kind, abstract, snapshot } of structures) {
    if (kind === 'primitive-type' || abstract) continue
    for (const { path, type = [], constraint = [], base } of snapshot.element) {
      const isOwn = !path.includes('.') || /^(Backbone)?Element$/.test(type[0]?.code ?? '')
      const around = isOwn ? path : path.slice(0, path.lastIndexOf('.'))
      const name = path.slice(path.lastIndexOf('.') + 1).replace('[x]', '')
      // what an element of a resource has from its own type stands there
      if (base !== undefined && base.path !== path && path.includes('.')) continue
      for (const each of constraint.filter(isAsked)) {
        const expression = isOwn ? each.expression : `${name}.all(${each.expression})`
        const lines = (result[around] ??= [])
        if (lines.every(([key]) => key !== each.key)) lines.push([each.key, each.severity, expression, each.human])
      }
    }
    if (result[id]?.length === 0) delete result[id]
  }
  return result
}

function isAsked(constraint: Constraint): constraint is Constraint & { expression: string } {
  const { key, expression, extension = [] } = constraint
  return expression !== undefined && !asked.has(key) && !extension.some(({ url }) => url === bestPractice)
}
