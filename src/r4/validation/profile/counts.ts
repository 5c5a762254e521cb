/** How many of an element a profile wants (R4 profiling.html#cardinality). */
import type { ElementDefinition } from '@medplum/fhirtypes'
import { elementsOf } from '../../elements.ts'
import type { Item } from '../fhirpath/items.ts'
import { find, type Walk } from '../finding.ts'
import type { Compiling } from './plan.ts'

/** Of all the values together. */
export type ListCheck = (walk: Walk, items: readonly Item[]) => void

interface Around {
  readonly owner: string | undefined
  readonly beside: ElementDefinition | undefined
}

/** What R4 itself asks is asked with the structure. */
export function countChecks(
  definition: ElementDefinition,
  label: string,
  compiling: Compiling,
  around: Around,
): ListCheck[] {
  const { min = 0, max = '*', path } = definition
  const name = path.slice(path.lastIndexOf('.') + 1)
  const element = around.owner === undefined ? undefined : elementsOf(around.owner)?.get(name)
  const least = [0, element?.required ? 1 : 0, around.beside?.min]
  const most = ['*', element?.array === false ? '1' : '*', around.beside?.max]
  return [
    ...(least.includes(min) ? [] : [leastCheck(min, label, name, compiling)]),
    ...(most.includes(max) ? [] : [mostCheck(Number(max), label, name, compiling)]),
  ]
}

const OURS = { aspect: 'profiles', severity: 'error' } as const

export function leastCheck(min: number, label: string, name: string, { title }: Compiling): ListCheck {
  const often = min === 1 ? 'must be there' : `must be there at least ${min} times`
  const message = `${label} ${often} (${title}).`
  return (walk, items) => {
    if (items.length < min) find(walk, { ...OURS, code: 'required', message }, name)
  }
}

export function mostCheck(max: number, label: string, name: string, { title }: Compiling): ListCheck {
  const often = max === 0 ? 'must not be there' : max === 1 ? 'may be there once' : `may be there ${max} times at most`
  const message = `${label} ${often} (${title}).`
  return (walk, items) => {
    if (items.length > max) find(walk, { ...OURS, code: 'structure', message }, name)
  }
}
