/** What is in an element of a profile: how many of each, and what each must be. */
import type { ElementDefinition } from '@medplum/fhirtypes'
import { elementsOf } from '../../elements.ts'
import { childrenOf, type Item } from '../fhirpath/items.ts'
import { find, type Walk, within } from '../finding.ts'
import { elementCheck, nothing, typeBelow } from './element.ts'
import { type Check, type Compiling, labelOf } from './plan.ts'
import { slicingCheck } from './slicing.ts'
import type { ElementNode } from './tree.ts'

/** Of all the values together. */
export type ListCheck = (walk: Walk, items: readonly Item[]) => void

export function childrenChecks(
  node: ElementNode,
  type: string | undefined,
  compiling: Compiling,
  beside?: ElementNode,
): Check[] {
  const own = [...node.children.values()].map((child) =>
    childCheck(child, type, compiling, beside?.children.get(child.name)),
  )
  const again = referenceCheck(node.definition, type, compiling)
  return [...own, ...again].filter((check) => check !== nothing)
}

/** `contentReference: #Questionnaire.item`: what holds there holds here; asked when something is there, for it goes on. */
function referenceCheck(
  { contentReference }: ElementDefinition,
  type: string | undefined,
  compiling: Compiling,
): Check[] {
  const id = contentReference?.slice(contentReference.indexOf('#') + 1)
  if (id === undefined) return []
  let check: Check | undefined
  return [
    (walk, item): void => {
      check ??= contentCheck(id, type, compiling)
      check(walk, item)
    },
  ]
}

function contentCheck(id: string, type: string | undefined, compiling: Compiling): Check {
  const names = id.split('.').slice(1)
  const node = names.reduce<ElementNode | undefined>((at, name) => at?.children.get(name), compiling.tree.root)
  const checks = node ? childrenChecks(node, type, compiling) : []
  return (walk, item) => {
    for (const check of checks) check(walk, item)
  }
}

function childCheck(node: ElementNode, owner: string | undefined, compiling: Compiling, beside?: ElementNode): Check {
  const name = node.name.replace('[x]', '')
  const type = typeBelow(owner, node.name) ?? onlyType(node.definition)
  const each = elementCheck(node, type, compiling, beside)
  const lists = [
    ...countChecks(node.definition, labelOf(node), compiling, { owner, beside: beside?.definition }),
    ...slicingCheck(node, type, compiling),
  ]
  if (each === nothing && lists.length === 0) return nothing
  return (walk, item) => {
    const items = childrenOf([item], name)
    for (const check of lists) check(walk, items)
    if (each !== nothing) for (const one of items) within(walk, one, () => each(walk, one))
  }
}

function onlyType({ type = [] }: ElementDefinition): string | undefined {
  const [first, ...others] = new Set(type.map(({ code }) => code))
  return others.length === 0 && first !== 'BackboneElement' && first !== 'Element' ? first : undefined
}

interface Around {
  readonly owner: string | undefined
  readonly beside: ElementDefinition | undefined
}

/** What R4 itself asks is asked with the structure. */
function countChecks(definition: ElementDefinition, label: string, compiling: Compiling, around: Around): ListCheck[] {
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
