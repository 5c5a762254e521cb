/** What one element of a profile says of its value: its type, fixed value, length, binding, invariants. */
import type { ElementDefinition } from '@medplum/fhirtypes'
import { elementsOf, isPrimitive, isResourceType } from '../../elements.ts'
import { numberOf } from '../../json.ts'
import { expressionOf } from '../fhirpath/expression.ts'
import { isOfType } from '../fhirpath/functions.ts'
import { find } from '../finding.ts'
import { isBaseInvariant } from '../invariants.ts'
import { checkBinding } from './binding.ts'
import { hasPattern, isFixed } from './constant.ts'
import { type Check, type Compiling } from './plan.ts'
import { typeProfileChecks } from './types.ts'
import { constantOf, type ElementNode } from './tree.ts'

/** `type`: what the element is in R4, where that is one type. `beside`: the node whose rules hold of it too. */
export function ownChecks(
  { definition }: ElementNode,
  type: string | undefined,
  compiling: Compiling,
  beside?: ElementNode,
): Check[] {
  const other = beside?.definition
  return [
    ...(definition.type === other?.type ? [] : typeChecks(definition, compiling)),
    ...typeProfileChecks(definition, other, compiling),
    ...constantChecks(definition, other, compiling),
    ...sizeChecks(definition, compiling),
    ...(isAsked(definition, other) ? bindingChecks(definition, compiling) : []),
    ...invariantChecks(definition, other, type ?? compiling.tree.profile.type),
  ]
}

/** The one type of an element in R4, by what it stands in. */
export function typeBelow(type: string | undefined, name: string): string | undefined {
  return type === undefined ? undefined : elementsOf(type)?.get(name)?.type
}

function typeChecks({ type = [] }: ElementDefinition, { title }: Compiling): Check[] {
  const codes = type.map(({ code }) => code)
  // what is named by another word than its type: backbone elements, the values of primitives
  if (codes.length === 0 || codes.some((code) => code.includes(':') || /^(Backbone)?Element$|Resource$/.test(code)))
    return []
  const message = `It must be ${codes.join(' or ')} (${title}).`
  return [
    (walk, item) => {
      if (!codes.some((code) => isOfType(item, code))) find(walk, { ...OURS, code: 'structure', message })
    },
  ]
}

const OURS = { aspect: 'profiles', severity: 'error' } as const

function constantChecks(
  definition: ElementDefinition,
  other: ElementDefinition | undefined,
  { title }: Compiling,
): Check[] {
  const constant = constantOf(definition)
  if (!constant || (other && isFixed(constantOf(other)?.value, constant.value))) return []
  const { kind, value: wanted } = constant
  const isRight = kind === 'fixed' ? isFixed : hasPattern
  const words = JSON.stringify(wanted)
  const shown = words.length > 200 ? '' : `: ${words}`
  const message = `It must ${kind === 'fixed' ? 'be' : 'have'} what the profile says${shown} (${title}).`
  return [
    (walk, { value }) => {
      if (value !== undefined && !isRight(value, wanted)) find(walk, { ...OURS, code: 'value', message })
    },
  ]
}

function sizeChecks(definition: ElementDefinition, { title }: Compiling): Check[] {
  const { maxLength } = definition
  const checks: Check[] = []
  if (maxLength !== undefined) {
    const message = `It must be no longer than ${maxLength} characters (${title}).`
    checks.push((walk, { value }) => {
      if (typeof value === 'string' && value.length > maxLength) find(walk, { ...OURS, code: 'value', message })
    })
  }
  for (const [key, limit] of Object.entries(definition)) {
    if (/^(min|max)Value[A-Z]/.test(key)) checks.push(limitCheck(key.startsWith('min'), limit, title))
  }
  return checks
}

/** Of numbers, and of dates of one precision. */
function limitCheck(isLeast: boolean, limit: unknown, title: string): Check {
  const message = `It must be ${isLeast ? 'at least' : 'at most'} ${String(numberOf(limit) ?? limit)} (${title}).`
  return (walk, { value }) => {
    const [one, other] = [numberOf(value) ?? value, numberOf(limit) ?? limit]
    if (typeof one !== typeof other || (typeof one !== 'number' && typeof one !== 'string')) return
    const isBeyond = isLeast ? one < (other as typeof one) : one > (other as typeof one)
    if (isBeyond) find(walk, { ...OURS, code: 'value', message })
  }
}

/** A required binding of R4's own is asked with the structure. */
function isAsked({ binding, base, path }: ElementDefinition, other?: ElementDefinition): boolean {
  if (binding?.valueSet === undefined || binding.valueSet === other?.binding?.valueSet) return false
  if (binding.strength !== 'required') return true
  const [owner = '', name = ''] = split(base?.path ?? path)
  return elementsOf(owner)?.get(name)?.binding !== binding.valueSet.replace(/\|.*/, '')
}

function split(path: string): string[] {
  const at = path.lastIndexOf('.')
  return [path.slice(0, at), path.slice(at + 1)]
}

function bindingChecks({ binding }: ElementDefinition, { codes }: Compiling): Check[] {
  return binding ? [(walk, item) => checkBinding(walk, item, binding, codes)] : []
}

function invariantChecks(
  { constraint = [] }: ElementDefinition,
  other: ElementDefinition | undefined,
  type: string,
): Check[] {
  const besides = new Set(other?.constraint?.map(({ key }) => key))
  return constraint.flatMap(({ key = '', severity = 'error', human = '', expression }) => {
    if (expression === undefined || isBaseInvariant(key, expression) || besides.has(key)) return []
    const base = isResourceType(type) || isPrimitive(type) || elementsOf(type) ? type : 'Element'
    const holds = expressionOf(expression, base)
    const message = `${human.replace(/\.?\s*$/, '')} (${key}).`
    return (walk, item): void => {
      if (holds(item, walk.resource, walk.root) !== false) return
      find(walk, { aspect: 'profiles', severity, code: 'invariant', message })
    }
  })
}
