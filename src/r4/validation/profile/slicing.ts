/** Slices of a list or a choice: which value belongs to which, and what that means (R4 profiling.html#slicing). */
import type { ElementDefinition } from '@medplum/fhirtypes'
import type { Item } from '../fhirpath/items.ts'
import { find, type Walk, within } from '../finding.ts'
import { type ListCheck, leastCheck, mostCheck } from './counts.ts'
import { type Matches, matcherOf } from './discriminator.ts'
import { type Check, type Compiling, labelOf } from './plan.ts'
import type { ElementNode } from './tree.ts'

type Slicing = NonNullable<ElementDefinition['slicing']>

interface Slice {
  readonly matches: Matches
  readonly check: Check
  readonly counts: readonly ListCheck[]
}

const OURS = { aspect: 'profiles', severity: 'error' } as const

/** The check of what is in a slice: of the slice itself, and of the list that it is a slice of. */
type CheckOf = (slice: ElementNode, around: ElementNode) => Check

export function slicingCheck(node: ElementNode, compiling: Compiling, checkOf: CheckOf): ListCheck[] {
  const named = [...node.slices].filter(([name]) => name !== '@default')
  if (named.length === 0) return []
  const slicing = node.definition.slicing ?? usual(node.name)
  const slices = named.map(([, slice]) => sliceOf(slice, node, slicing, compiling, checkOf))
  return [(walk, items) => checkSlices(walk, items, slices, slicing, compiling)]
}

/** Extensions are told apart by their url, choices by their type, also where nobody says so. */
function usual(name: string): Slicing {
  if (name.endsWith('[x]')) return { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' }
  return { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' }
}

function sliceOf(
  slice: ElementNode,
  around: ElementNode,
  { discriminator = [] }: Slicing,
  compiling: Compiling,
  checkOf: CheckOf,
): Slice {
  const matchers = discriminator.flatMap((each) => matcherOf(each, slice, compiling) ?? [])
  const inner = slicingCheck(slice, compiling, checkOf)
  const { min = 0, max = '*' } = slice.definition
  const label = labelOf(slice)
  return {
    // what nothing tells apart is never that slice
    matches: (walk, item) => matchers.length > 0 && matchers.every((matches) => matches(walk, item)),
    check: checkOf(slice, around),
    counts: [
      ...(min > 0 ? [leastCheck(min, label, slice.name, compiling)] : []),
      ...(max === '*' ? [] : [mostCheck(Number(max), label, slice.name, compiling)]),
      ...inner,
    ],
  }
}

function checkSlices(
  walk: Walk,
  items: readonly Item[],
  slices: readonly Slice[],
  { rules, ordered }: Slicing,
  compiling: Compiling,
): void {
  const places = items.map((item) => placeOf(walk, item, slices))
  for (const [index, slice] of slices.entries()) {
    const own = items.filter((_, at) => places[at] === index)
    for (const count of slice.counts) count(walk, own)
    for (const item of own) within(walk, item, () => slice.check(walk, item))
  }
  if (rules === 'closed') checkClosed(walk, items, places, compiling)
  const known = places.filter((place) => place >= 0)
  if (ordered && known.some((place, at) => place < (known[at - 1] ?? 0))) {
    find(
      walk,
      { ...OURS, code: 'structure', message: `The slices must be in their order (${compiling.title}).` },
      nameOf(items),
    )
  }
  if (rules === 'openAtEnd' && places.some((place, at) => place >= 0 && places.slice(0, at).includes(-1))) {
    const message = `What belongs to no slice must stand at the end (${compiling.title}).`
    find(walk, { ...OURS, code: 'structure', message }, nameOf(items))
  }
}

function placeOf(walk: Walk, item: Item, slices: readonly Slice[]): number {
  let place = -1
  within(walk, item, () => {
    place = slices.findIndex(({ matches }) => matches(walk, item))
  })
  return place
}

function checkClosed(walk: Walk, items: readonly Item[], places: readonly number[], { title }: Compiling): void {
  const message = `It belongs to no slice, and the profile allows nothing else here (${title}).`
  for (const [at, item] of items.entries()) {
    if (places[at] === -1) within(walk, item, () => find(walk, { ...OURS, code: 'structure', message }))
  }
}

function nameOf([first]: readonly Item[]): string {
  return first?.name ?? ''
}
