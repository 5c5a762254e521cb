/**
 * Is this JSON a resource of R4, whatever profile it claims: known type and elements, lists where elements repeat,
 * primitives in their form, one type of a choice, what is required, codes of required bindings, contained resources
 * (R4 json.html, datatypes.html). Invariants that need FHIRPath are not asked here.
 */
import { checkContained, checkReference, noteLocal, scopeOf } from './contained.ts'
import { isResourceType } from './elements.ts'
import { narrativeProblem } from './narrative.ts'
import { hasRequiredCoding } from './required-codes.ts'
import { type Member, type Plan, planOf } from './structure-plan.ts'
import {
  addProblem,
  addProblemAt,
  isObject,
  type JsonObject,
  type StructureProblem,
  type Walk,
} from './structure-walk.ts'

export type { StructureProblem }

const mostDepth = 64
const mostCodesListed = 16
const longestNameShown = 64
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/

/** Everything that is wrong, in the order of the resource, up to a hundred; empty when nothing is. */
export function structureProblems(resource: unknown): StructureProblem[] {
  const walk: Walk = { path: [], problems: [], scope: scopeOf(undefined) }
  checkResource(walk, resource)
  return walk.problems
}

function checkResource(walk: Walk, value: unknown): void {
  const type = isObject(value) ? value['resourceType'] : undefined
  const known = typeof type === 'string' && isResourceType(type)
  if (walk.path.length === 0) walk.path.push(known ? type : 'Resource')
  if (!isObject(value)) addProblem(walk, 'structure', 'A resource must be a JSON object.')
  else if (typeof type !== 'string') addProblem(walk, 'structure', 'A resource must say its resourceType.')
  else if (!known) addProblem(walk, 'structure', 'The resourceType is none of FHIR R4.')
  else if (walk.path.at(-2) === 'contained') checkObject(walk, value, planOf(type))
  else checkWithContained(walk, value, planOf(type))
}

/** A contained resource refers to what its container contains; any other has its own. */
function checkWithContained(walk: Walk, resource: JsonObject, plan: Plan): void {
  const outer = walk.scope
  walk.scope = scopeOf(resource['contained'])
  checkObject(walk, resource, plan)
  checkContained(walk, resource['contained'])
  walk.scope = outer
}

function checkObject(walk: Walk, object: JsonObject, plan: Plan): void {
  if (isTooDeep(walk)) return
  let chosen: Member[] | undefined
  let names = 0
  for (const name of Object.keys(object)) {
    names++
    const member = plan.members.get(name)
    if (member === undefined) checkUnknown(walk, name, plan)
    else {
      walk.path.push(member.name)
      if (member.sibling) checkSiblings(walk, object[name], member, object[member.name])
      else checkMember(walk, object[name], member, object)
      walk.path.pop()
      if (member.choice !== undefined) (chosen ??= []).push(member)
    }
  }
  if (names === 0) addProblem(walk, 'structure', 'An object must not be empty: leave it out.')
  else if (names === 1 && isIdAlone(object, plan)) addProblem(walk, 'invariant', 'An element must be more than an id.')
  if (chosen !== undefined && chosen.length > 1) checkChoices(walk, chosen)
  if (names > 0) checkRequired(walk, object, plan)
  if (plan.type === 'Extension') checkExtension(walk, object)
}

/** ele-1; what stands beside a primitive has its value there. */
function isIdAlone(object: JsonObject, { type, isResource }: Plan): boolean {
  return !isResource && type !== 'Element' && Object.hasOwn(object, 'id')
}

function isTooDeep(walk: Walk): boolean {
  const deep = walk.path.length > mostDepth
  if (deep) addProblem(walk, 'structure', `The resource is nested more than ${mostDepth} levels.`)
  return deep
}

function checkUnknown(walk: Walk, name: string, plan: Plan): void {
  if (name === 'resourceType' && plan.isResource) return
  const shown = name.slice(0, longestNameShown)
  addProblemAt(walk, shown, 'structure', `${plan.type} has no element "${shown}" in FHIR R4.`)
}

/** `valueString` and `_valueString` are one value, `valueString` and `valueInteger` are two. */
function checkChoices(walk: Walk, chosen: readonly Member[]): void {
  for (const [index, { name, choice = '' }] of chosen.entries()) {
    const other = chosen.slice(0, index).find((each) => each.choice === choice && each.name !== name)
    if (other === undefined) continue
    addProblemAt(walk, name, 'structure', `${other.name} is there already, and ${choice}[x] can have one value only.`)
  }
}

function checkRequired(walk: Walk, object: JsonObject, { required, type }: Plan): void {
  for (const { name, properties } of required) {
    if (properties.some((property) => Object.hasOwn(object, property))) continue
    addProblemAt(walk, name, 'required', `${type} must have ${name}.`)
  }
}

/** ext-1; and the url of an extension within an extension may be relative (R4 extensibility.html). */
function checkExtension(walk: Walk, extension: JsonObject): void {
  const hasValue = Object.keys(extension).some((name) => name.startsWith('value') || name.startsWith('_value'))
  if (hasValue === Object.hasOwn(extension, 'extension')) {
    addProblem(walk, 'invariant', 'An extension must have either a value or extensions of its own.')
  }
  const { url } = extension
  const inExtension = isExtension(walk.path.at(-4))
  if (typeof url === 'string' && !inExtension && !absolute.test(url)) {
    addProblemAt(walk, 'url', 'value', 'The url of an extension must be absolute.')
  }
}

function isExtension(step: string | number | undefined): boolean {
  return step === 'extension' || step === 'modifierExtension'
}

// ── elements ─────────────────────────────────────────────────────────────────────────────────────

function checkMember(walk: Walk, value: unknown, member: Member, object: JsonObject): void {
  if (!isListedRight(walk, value, member)) return
  if (!Array.isArray(value)) {
    checkValue(walk, value, member)
    return
  }
  const siblings = member.check && object[`_${member.name}`]
  for (let index = 0; index < value.length; index++) {
    walk.path.push(index)
    const item: unknown = value[index]
    if (item !== null || !hasItem(siblings, index)) checkValue(walk, item, member)
    walk.path.pop()
  }
}

/** The `_name` of a primitive; where it repeats, null stands where there is only the value. */
function checkSiblings(walk: Walk, value: unknown, member: Member, primitive: unknown): void {
  if (!isListedRight(walk, value, member)) return
  if (!Array.isArray(value)) {
    checkElement(walk, value, primitive !== undefined)
    return
  }
  for (let index = 0; index < value.length; index++) {
    walk.path.push(index)
    const item: unknown = value[index]
    const hasValue = hasItem(primitive, index)
    if (item !== null || !hasValue) checkElement(walk, item, hasValue)
    walk.path.pop()
  }
}

function checkElement(walk: Walk, value: unknown, hasValue: boolean): void {
  if (!isObject(value)) {
    addProblem(walk, 'structure', 'What stands beside a primitive must be an object with id or extension.')
    return
  }
  checkObject(walk, value, planOf('Element'))
  if (hasValue || Object.hasOwn(value, 'extension') || Object.keys(value).length === 0) return
  addProblem(walk, 'invariant', 'A primitive must have a value or an extension.')
}

function hasItem(list: unknown, index: number): boolean {
  return Array.isArray(list) && list[index] !== undefined && list[index] !== null
}

function isListedRight(walk: Walk, value: unknown, { name, array }: Member): boolean {
  const isList = Array.isArray(value)
  if (isList && isTooDeep(walk)) return false
  if (array && !isList) addProblem(walk, 'structure', `${name} must be a list, since it can repeat.`)
  else if (!array && isList) addProblem(walk, 'structure', `${name} must not be a list, since it cannot repeat.`)
  else if (isList && value.length === 0) addProblem(walk, 'structure', 'A list must not be empty: leave it out.')
  else return true
  return false
}

function checkValue(walk: Walk, value: unknown, member: Member): void {
  if (value === null) addProblem(walk, 'structure', `${member.name} must not be null: leave it out.`)
  else if (member.check !== undefined) checkPrimitive(walk, value, member)
  else if (member.type === 'Resource') checkResource(walk, value)
  else if (!isObject(value)) addProblem(walk, 'structure', `${member.name} must be an object, a ${member.type}.`)
  else checkComplex(walk, value, member)
}

function checkComplex(walk: Walk, value: JsonObject, { type, targets, binding }: Member): void {
  checkObject(walk, value, planOf(type))
  if (type === 'Reference') checkReference(walk, value, targets)
  else if (binding !== undefined && !hasRequiredCoding(binding, value)) {
    addProblem(walk, 'code-invalid', `It must have a coding of the value set ${binding}.`)
  }
}

function checkPrimitive(walk: Walk, value: unknown, { name, type, check, codes, binding = '' }: Member): void {
  const reason = check?.(value)
  if (reason !== undefined) addProblem(walk, 'value', `${name} ${reason}.`)
  else if (codes !== undefined && !codes.has(value as string)) {
    const allowed = codes.size > mostCodesListed ? `a code of ${binding}` : `one of: ${[...codes].join(', ')}`
    addProblem(walk, 'code-invalid', `${name} must be ${allowed}.`)
  } else if (type === 'xhtml') checkNarrative(walk, value as string)
  else if (typeof value === 'string' && value.startsWith('#') && uris.has(type)) noteLocal(walk, value)
}

const uris = new Set(['uri', 'url', 'canonical'])

function checkNarrative(walk: Walk, text: string): void {
  const reason = narrativeProblem(text)
  if (reason !== undefined) addProblem(walk, 'invariant', reason)
}
