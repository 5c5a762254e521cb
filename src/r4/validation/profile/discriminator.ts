/** How the values of a slice are known: what its discriminators say (R4 elementdefinition.html#discriminator). */
import type { ElementDefinitionSlicingDiscriminator } from '@medplum/fhirtypes'
import { isOfType } from '../fhirpath/functions.ts'
import { childrenOf, isJsonObject, type Item } from '../fhirpath/items.ts'
import type { Walk } from '../finding.ts'
import { codesOf } from './binding.ts'
import { hasPattern, isFixed } from './constant.ts'
import type { Compiling } from './plan.ts'
import { referred, referredType } from '../references.ts'
import { constantOf, type ElementNode } from './tree.ts'
import { conformsToOne, typeOfProfile } from './types.ts'

export type Matches = (walk: Walk, item: Item) => boolean

interface Step {
  readonly kind: 'child' | 'extension' | 'resolve' | 'type'
  readonly name: string
}

/** Undefined: the profile says nothing there that could be told apart. */
export function matcherOf(
  { type, path }: ElementDefinitionSlicingDiscriminator,
  slice: ElementNode,
  compiling: Compiling,
): Matches | undefined {
  const steps = stepsOf(path)
  if (type === 'exists') return existsMatcher(nodeAt(slice, steps, compiling), steps)
  if (type === 'type') return typeMatcher(slice, steps, compiling)
  if (type === 'profile') return profileMatcher(slice, steps, compiling)
  const matches = valueMatcher(slice, steps, compiling)
  return matches && ((walk, item) => valuesAt(walk, item, steps).some((each) => matches(walk, each)))
}

/** `code.coding.code`, `extension('http://…').value`, `resolve().code`, `value.ofType(Quantity)`, `$this` */
function stepsOf(path: string): Step[] {
  const parts = path.match(/extension\('[^']*'\)|ofType\(\w+\)|resolve\(\)|\$this|[^.()]+/g) ?? []
  return parts.flatMap((part): Step[] => {
    const [, word, input = ''] = /^(\w+)\('?([^']*)'?\)$/.exec(part) ?? []
    if (part === '$this') return []
    if (word === 'resolve') return [{ kind: 'resolve', name: '' }]
    if (word === 'extension') return [{ kind: 'extension', name: input }]
    return [word === 'ofType' ? { kind: 'type', name: input } : { kind: 'child', name: part }]
  })
}

function valuesAt(walk: Walk, item: Item, steps: readonly Step[]): Item[] {
  let items: Item[] = [item]
  for (const { kind, name } of steps) {
    if (kind === 'child') items = [...childrenOf(items, name)]
    else if (kind === 'type') items = items.filter((each) => isOfType(each, name))
    else if (kind === 'resolve') items = items.flatMap((each) => referred(walk, each) ?? [])
    else items = childrenOf(items, 'extension').filter(({ value }) => isJsonObject(value) && value['url'] === name)
  }
  return items
}

/** What the profile says of the element at the end of a path; a profile that the type names is gone into. */
function nodeAt(slice: ElementNode, steps: readonly Step[], compiling: Compiling): ElementNode | undefined {
  return nodesAt(slice, steps, compiling)[0]
}

/** Also by the slices on the way that must be there: `code.coding.code`, where the profile says it of one coding. */
function nodesAt(slice: ElementNode, steps: readonly Step[], compiling: Compiling): ElementNode[] {
  let nodes = [slice]
  for (const step of steps) {
    const around = nodes.flatMap((node) => [node, ...[...node.slices.values()].filter(isThere)])
    nodes = around.flatMap((node) => stepInto(node, step, compiling) ?? [])
  }
  return nodes
}

function isThere({ definition }: ElementNode): boolean {
  return (definition.min ?? 0) > 0
}

function stepInto(node: ElementNode, { kind, name }: Step, compiling: Compiling): ElementNode | undefined {
  if (kind === 'type') return node
  const own = kind === 'child' ? childNamed(node, name) : kind === 'extension' ? extensionNamed(node, name) : undefined
  if (own) return own
  const types = node.definition.type ?? []
  const canonicals = types.flatMap(({ profile = [], targetProfile = [] }) =>
    kind === 'resolve' ? targetProfile : profile,
  )
  const [only, ...others] = canonicals
  const root = only !== undefined && others.length === 0 ? compiling.treeOf(only)?.root : undefined
  return root && kind !== 'resolve' ? stepInto(root, { kind, name }, compiling) : root
}

function childNamed({ children }: ElementNode, name: string): ElementNode | undefined {
  return children.get(name) ?? children.get(`${name}[x]`)
}

function extensionNamed({ children }: ElementNode, url: string): ElementNode | undefined {
  const slices = [...(children.get('extension')?.slices.values() ?? [])]
  return slices.find((each) => urlOf(each) === url)
}

function urlOf({ definition, children }: ElementNode): unknown {
  const [profile] = definition.type?.flatMap((each) => each.profile ?? []) ?? []
  const url = children.get('url')
  return profile?.replace(/\|.*/, '') ?? (url && constantOf(url.definition)?.value)
}

function existsMatcher(node: ElementNode | undefined, steps: readonly Step[]): Matches | undefined {
  if (!node) return undefined
  const wanted = node.definition.max !== '0'
  return (walk, item) => valuesAt(walk, item, steps).length > 0 === wanted
}

function typeMatcher(slice: ElementNode, steps: readonly Step[], compiling: Compiling): Matches | undefined {
  if (steps.at(-1)?.kind === 'resolve') {
    const rest = steps.slice(0, -1)
    const targets = nodeAt(slice, rest, compiling)?.definition.type?.flatMap((each) => each.targetProfile ?? []) ?? []
    const types = targets.map((url) => typeOfProfile(url, compiling))
    return (walk, item) => valuesAt(walk, item, rest).some((each) => types.includes(referredType(walk, each)))
  }
  const types = nodeAt(slice, steps, compiling)?.definition.type?.map(({ code }) => code) ?? []
  if (types.length === 0) return undefined
  return (walk, item) => valuesAt(walk, item, steps).some((each) => types.some((type) => isOfType(each, type)))
}

function profileMatcher(slice: ElementNode, steps: readonly Step[], compiling: Compiling): Matches | undefined {
  const isReferred = steps.at(-1)?.kind === 'resolve'
  const rest = isReferred ? steps.slice(0, -1) : steps
  const types = nodeAt(slice, rest, compiling)?.definition.type ?? []
  const canonicals = types.flatMap(({ profile = [], targetProfile = [] }) => (isReferred ? targetProfile : profile))
  if (canonicals.length === 0) return undefined
  const names = canonicals.map((url) => typeOfProfile(url, compiling))
  return (walk, item) =>
    valuesAt(walk, item, rest).some((each) => {
      const type = isReferred ? referredType(walk, each) : each.type
      const fitting = canonicals.filter((_, index) => names[index] === type)
      const target = isReferred ? referred(walk, each) : each
      return fitting.length > 0 && (!target || conformsToOne(walk, target, fitting, compiling))
    })
}

// ── values and patterns ──────────────────────────────────────────────────────────────────────────

function valueMatcher(slice: ElementNode, steps: readonly Step[], compiling: Compiling): Matches | undefined {
  const [known] = nodesAt(slice, steps, compiling).flatMap((node) => contentMatcher(node, compiling) ?? [])
  if (known) return known
  const wanted = inherited(slice, steps)
  if (wanted !== undefined) return (_walk, { value }) => hasPattern(value, wanted)
  const isUrl = steps.length === 1 && steps[0]?.name === 'url'
  const url = isUrl ? urlOf(slice) : undefined
  return url === undefined ? undefined : (_walk, { value }) => value === url
}

/** A pattern of an element above: `code` has it, `code.coding.code` is asked. */
function inherited(slice: ElementNode, steps: readonly Step[]): unknown {
  let node: ElementNode | undefined = slice
  let value = constantOf(slice.definition)?.value
  for (const { kind, name } of steps) {
    if (kind !== 'child') return undefined
    const inner: unknown = Array.isArray(value) ? value[0] : value
    node = node && childNamed(node, name)
    value = (isJsonObject(inner) ? inner[name] : undefined) ?? (node && constantOf(node.definition)?.value)
  }
  return Array.isArray(value) ? value[0] : value
}

/** What the profile fixes of the element itself, binds it to, or fixes of what is in it. */
function contentMatcher(node: ElementNode, compiling: Compiling): Matches | undefined {
  const constant = constantOf(node.definition)
  if (constant) {
    const { kind, value: wanted } = constant
    return kind === 'fixed'
      ? (_walk, { value }) => isFixed(value, wanted)
      : (_walk, { value }) => hasPattern(value, wanted)
  }
  const { binding } = node.definition
  const inner = [...node.children.values()].flatMap((child) => {
    const matches = contentMatcher(child, compiling)
    return matches && !child.name.endsWith('xtension') ? [{ name: child.name.replace('[x]', ''), matches }] : []
  })
  if (inner.length > 0) {
    return (walk, item) =>
      inner.every(({ name, matches }) => childrenOf([item], name).some((each) => matches(walk, each)))
  }
  const { strength, valueSet } = binding ?? {}
  if (strength !== 'required' || valueSet === undefined) return undefined
  return (_walk, { value, type }) => codesOf(value, type).some((code) => compiling.codes(valueSet, code) === 'in')
}
