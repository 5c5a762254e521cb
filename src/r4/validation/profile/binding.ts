/** Does a coded value keep its binding (R4 terminologies.html#strength)? */
import type { ElementDefinition } from '@medplum/fhirtypes'
import type { Code, CodeKnowledge } from '../code-knowledge.ts'
import { isJsonObject, type Item } from '../fhirpath/items.ts'
import { find, type Walk } from '../finding.ts'

/** Is a code in the value set? */
export type CodeCheck = CodeKnowledge['inValueSet']

type Binding = NonNullable<ElementDefinition['binding']>

export function checkBinding(walk: Walk, { value, type }: Item, binding: Binding, codes: CodeCheck): void {
  const { strength, valueSet } = binding
  if (valueSet === undefined || value === undefined || (strength !== 'required' && strength !== 'extensible')) return
  const severity = strength === 'required' ? 'error' : 'warning'
  const given = codesOf(value, type)
  const found = given.map((each) => codes(valueSet, each))
  if (found.includes('in')) return
  const name = valueSet.replace(/\|.*/, '')
  if (found.includes('unknown')) {
    const message = `Whether it has a code of ${name} is not known: that value set, or what it takes from, is not loaded.`
    find(walk, { aspect: 'profiles', severity: 'warning', code: 'not-found', message })
    return
  }
  const message = `It ${severity === 'error' ? 'must' : 'should'} have a code of the value set ${name}.`
  find(walk, { aspect: 'profiles', severity, code: 'code-invalid', message })
}

export function codesOf(value: unknown, type: string): readonly Code[] {
  if (typeof value === 'string') return [{ code: value }]
  if (!isJsonObject(value)) return []
  if (type === 'CodeableConcept') return Array.isArray(value['coding']) ? (value['coding'] as Code[]) : []
  return [value]
}
