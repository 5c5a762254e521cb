/** An element of a profile as a check: its own rules, and how many of what is in it there are and what each must be. */
import type { ElementDefinition } from '@medplum/fhirtypes'
import { childrenOf } from '../fhirpath/items.ts'
import { within } from '../finding.ts'
import { countChecks } from './counts.ts'
import { ownChecks, typeBelow } from './element.ts'
import { type Check, type Compiling, labelOf } from './plan.ts'
import { slicingCheck } from './slicing.ts'
import type { ElementNode } from './tree.ts'

/** `type`: what the element is in R4, where that is one type. `beside`: the node whose rules hold of it too. */
export function elementCheck(
  node: ElementNode,
  type: string | undefined,
  compiling: Compiling,
  beside?: ElementNode,
): Check {
  const checks = [...ownChecks(node, type, compiling, beside), ...childrenChecks(node, type, compiling, beside)]
  if (checks.length === 0) return nothing
  return (walk, item) => {
    for (const check of checks) check(walk, item)
  }
}

function nothing(): void {
  // what says no more than R4 itself
}

function childrenChecks(
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
    ...slicingCheck(node, compiling, (slice, around) => elementCheck(slice, type, compiling, around)),
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
