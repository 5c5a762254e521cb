/** What a profile says of an element besides its structure: where it comes from, its codes, what it may point at. */
import type { RuleData, TargetData } from '../mapping/mapping-file.ts'
import { listOf } from '../mapping/mapping-file.ts'
import type { ElementDefinition as R4Element } from '../r4/elements.ts'
import { statementsIn } from './outline.ts'
import type { Place, Statement } from './outline.ts'
import { tableUse } from './table-use.ts'
import type { TableUse } from './table-use.ts'

export interface NotesContext {
  /** of `ElementDefinition.mapping` */
  readonly identity: string
  /** the source columns that a rule reads */
  columnsOf(rule: RuleData): readonly string[]
  /** canonical of the profile of what a mapping gives */
  profileOf(mapping: string): string
  /** canonical of the ValueSet of the codes that a table gives there */
  valueSetOf(use: TableUse): string | undefined
}

type Notes = Readonly<Record<string, unknown>>

/** `mustSupport`: the gateway fills it when there is something to fill it with. */
export function sourceNotes(statements: readonly Statement[], context: NotesContext): Notes {
  const rules = [...new Set(statements.map(({ rule }) => rule))]
  const columns = [...new Set(rules.flatMap((rule) => context.columnsOf(rule)))]
  const readOnly = rules.length > 0 && rules.every(({ only }) => only === 'read')
  const [first] = rules
  return {
    ...(readOnly && first?.why !== undefined && { comment: `Not written: ${first.why}.` }),
    mustSupport: true,
    ...(columns.length > 0 && { mapping: [{ identity: context.identity, map: columns.join(', ') }] }),
  }
}

/** Bound where every rule of the element takes its codes from the one table. */
export function bindingOf(
  statements: readonly Statement[],
  element: R4Element,
  around: Place,
  context: NotesContext,
): Notes {
  const uses = statements.map((statement) => tableUse(statement, element, around))
  const [use] = uses
  if (!use?.bound || uses.some((each) => !each?.bound || each.table !== use.table)) return {}
  const valueSet = context.valueSetOf(use)
  if (valueSet === undefined) return {}
  // A concept may be text alone, where a word is missing from the table; a code has no such way out
  const strength = element.type === 'CodeableConcept' && use.required === undefined ? 'extensible' : 'required'
  return { binding: { strength, valueSet } }
}

/** Of a Reference that rules make of foreign keys: the profiles of what it points at. */
export function referenceTypes(
  places: readonly Place[],
  element: R4Element,
  context: NotesContext,
): { readonly type?: readonly { readonly code: string; readonly targetProfile: readonly string[] }[] } {
  if (element.type !== 'Reference') return {}
  const targets = places.flatMap(statementsIn).map(({ rule }) => listOf<TargetData>(rule.to))
  if (targets.length === 0 || targets.some((to) => to.length === 0)) return {}
  const names = targets.flat().map((to) => (typeof to === 'string' ? to : to.mapping))
  return { type: [{ code: 'Reference', targetProfile: [...new Set(names.map((name) => context.profileOf(name)))] }] }
}
