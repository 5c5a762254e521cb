/** The functions of FHIRPath that invariants use, each on a collection (http://hl7.org/fhirpath/N1/#functions). */
import { isResourceType } from '../../elements.ts'
import { isRawNumber, numberOf } from '../../json.ts'
import { referred } from '../references.ts'
import { equalItem, isDate } from './compare.ts'
import { allChildren, childrenOf, type Item, isJsonObject, type Items, NONE, TRUE, truth } from './items.ts'
import { NotReadError } from './parse.ts'

/** What an expression is evaluated in. */
export interface Scope {
  readonly resource: Item
  readonly root: Item
  /** the element that the invariant is about */
  readonly context: Items
  readonly index: number
}

/** From the collection that the expression is asked of. */
export type Evaluate = (input: Items, scope: Scope) => Items

/** `outer`: what the arguments are asked of that are no criterion. */
export type Call = (input: Items, inputs: readonly Evaluate[], scope: Scope, outer: Items) => Items

/** What is not boolean and there is true (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections). */
export function isTrue([first]: Items): boolean {
  return first !== undefined && first.value !== false
}

function filtered(input: Items, criterion: Evaluate | undefined, scope: Scope): Items {
  if (!criterion) return input
  return input.filter((item, index) => isTrue(criterion([item], { ...scope, index })))
}

function textOf([first]: Items): string | undefined {
  return typeof first?.value === 'string' ? first.value : undefined
}

/** With the text that is asked for; empty where one of them is. */
function onText(work: (text: string, given: string) => boolean): Call {
  return (input, [given], scope, outer) => {
    const [text, other] = [textOf(input), given && textOf(given(outer, scope))]
    return text === undefined || other === undefined ? NONE : truth(work(text, other))
  }
}

function onTruths(work: (truths: readonly boolean[]) => boolean): Call {
  return (input) => truth(work(input.map(({ value }) => value === true)))
}

/** Texts and numbers are equal to the same only: of a long list each is looked up, not compared with all before it. */
function distinct(input: Items): Items {
  const seen = new Set<unknown>()
  const others: Item[] = []
  return input.filter((item) => {
    const { value } = item
    if (value === undefined) return true
    const plain = numberOf(value) ?? value
    if (seen.has(plain)) return false
    seen.add(plain)
    if (typeof plain !== 'object' && !isDate(item)) return true
    if (others.some((other) => equalItem(item, other))) return false
    others.push(item)
    return true
  })
}

export function union(left: Items, right: Items): Items {
  return right.length === 0 && left.length < 2 ? left : distinct([...left, ...right])
}

function texts(value: string): Items {
  return [{ value, type: 'string' }]
}

function toInteger([first]: Items): Items {
  const number = typeof first?.value === 'string' ? Number(first.value) : numberOf(first?.value)
  return number !== undefined && Number.isInteger(number) ? [{ value: number, type: 'integer' }] : NONE
}

/** What is no expression to us may be one to the library. */
function regex(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags)
  } catch {
    throw new NotReadError('a regular expression that is left to the library')
  }
}

function descendantsOf(input: Items): Items {
  const found: Item[] = []
  let level = input
  while (level.length > 0) {
    level = allChildren(level)
    found.push(...level)
  }
  return found
}

export function isOfType({ value, type }: Item, name: string): boolean {
  if (type === name || type === name.charAt(0).toLowerCase() + name.slice(1)) return true
  if (name === 'Resource' || name === 'DomainResource') return isJsonObject(value) && isResourceType(type)
  return name === 'Quantity' && /^(Age|Count|Distance|Duration)$/.test(type)
}

export const functions: Readonly<Record<string, Call>> = {
  exists: (input, [criterion], scope) => truth(filtered(input, criterion, scope).length > 0),
  empty: (input) => truth(input.length === 0),
  not: (input) => (input.length === 0 ? NONE : truth(!isTrue(input))),
  count: (input) => [{ value: input.length, type: 'integer' }],
  all: (input, [criterion], scope) => truth(filtered(input, criterion, scope).length === input.length),
  where: (input, [criterion], scope) => filtered(input, criterion, scope),
  select: (input, [projection], scope) =>
    input.flatMap((item, index) => projection?.([item], { ...scope, index }) ?? []),
  first: (input) => input.slice(0, 1),
  last: (input) => input.slice(-1),
  tail: (input) => input.slice(1),
  single: (input) => input.slice(0, 1),
  hasValue: (input) => truth(input.length === 1 && input[0]?.value !== undefined && !isJsonObject(input[0].value)),
  startsWith: onText((text, start) => text.startsWith(start)),
  endsWith: onText((text, end) => text.endsWith(end)),
  contains: onText((text, part) => text.includes(part)),
  matches: onText((text, pattern) => regex(pattern, 's').test(text)),
  length: (input) => {
    const text = textOf(input)
    return text === undefined ? NONE : [{ value: text.length, type: 'integer' }]
  },
  substring: (input, [start, length], scope, outer) => {
    const [text, from] = [textOf(input), numberOf(start?.(outer, scope)[0]?.value)]
    if (text === undefined || from === undefined || from >= text.length) return NONE
    const count = numberOf(length?.(outer, scope)[0]?.value)
    return texts(text.slice(from, count === undefined ? undefined : from + count))
  },
  replaceMatches: (input, [pattern, substitute], scope, outer) => {
    const [text, by] = [textOf(input), pattern && textOf(pattern(outer, scope))]
    const other = substitute && textOf(substitute(outer, scope))
    if (text === undefined || by === undefined || other === undefined) return NONE
    return texts(text.replace(regex(by, 'gs'), other))
  },
  toString: (input: Items) => {
    const [first] = input
    const value = isRawNumber(first?.value) ? first.value.rawJSON : first?.value
    if (typeof value === 'string') return texts(value)
    return typeof value === 'number' || typeof value === 'boolean' ? texts(String(value)) : NONE
  },
  lower: (input) => (textOf(input) === undefined ? NONE : texts(String(textOf(input)).toLowerCase())),
  upper: (input) => (textOf(input) === undefined ? NONE : texts(String(textOf(input)).toUpperCase())),
  toInteger,
  trace: (input) => input,
  distinct,
  isDistinct: (input) => truth(distinct(input).length === input.length),
  combine: (input, [other], scope, outer) => [...input, ...(other?.(outer, scope) ?? NONE)],
  intersect: (input, [other], scope, outer) => {
    const others = other?.(outer, scope) ?? NONE
    return distinct(input.filter((item) => others.some((each) => equalItem(item, each))))
  },
  iif: (input, [criterion, then, otherwise], scope) =>
    (criterion && isTrue(criterion(input, scope)) ? then?.(input, scope) : otherwise?.(input, scope)) ?? NONE,
  allTrue: onTruths((truths) => truths.every(Boolean)),
  anyTrue: onTruths((truths) => truths.some(Boolean)),
  allFalse: onTruths((truths) => !truths.some(Boolean)),
  anyFalse: onTruths((truths) => !truths.every(Boolean)),
  children: (input) => allChildren(input),
  descendants: descendantsOf,
  extension: (input, [url], scope, outer) => {
    const wanted = url && textOf(url(outer, scope))
    return childrenOf(input, 'extension').filter(({ value }) => isJsonObject(value) && value['url'] === wanted)
  },
  // Only what is contained, or an entry of the Bundle around, can be looked at
  resolve: (input, _inputs, scope) => input.flatMap((item) => referred(scope, item) ?? []),
  // The narrative is checked with the structure
  htmlChecks: () => TRUE,
}

export function functionNamed(name: string): Call {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (!found) throw new NotReadError(`the function ${name} is left to the library`)
  return found
}
