/** FHIRPath as closures: what invariants ask is asked on every write, where the library would take fifty times as long. */
import { numberOf } from '../../json.ts'
import { equalItem, equalItems, orderOf } from './compare.ts'
import { type Call, type Evaluate, functionNamed, isOfType, isTrue, type Scope, union } from './functions.ts'
import { childrenOf, type Items, NONE, truth } from './items.ts'
import { NotReadError, parseFhirPath, type Tree } from './parse.ts'

/** Throws a NotReadError where the expression is left to the library. */
export function compileFhirPath(text: string): Evaluate {
  return compile(parseFhirPath(text))
}

function compile(tree: Tree): Evaluate {
  switch (tree.kind) {
    case 'literal':
      return constant([{ value: tree.value, type: literalType(tree.value) }])
    case 'empty':
      return constant(NONE)
    case 'this':
      return (input) => input
    case 'index':
      return (_input, { index }) => [{ value: index, type: 'integer' }]
    case 'constant':
      return constantNamed(tree.name)
    case 'member':
      return memberOf(tree)
    case 'call':
      return callOf(tree)
    case 'item':
      return itemOf(compile(tree.of), compile(tree.index))
    case 'type':
      return typed(compile(tree.of), tree.operator, tree.type)
    case 'operator':
      return operation(tree.operator, compile(tree.left), compile(tree.right))
  }
}

function constant(items: Items): Evaluate {
  return () => items
}

function literalType(value: string | number | boolean): string {
  if (typeof value !== 'number') return typeof value
  return Number.isInteger(value) ? 'integer' : 'decimal'
}

/** http://hl7.org/fhir/R4/fhirpath.html#vars */
const TEXTS: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
}

function constantNamed(name: string): Evaluate {
  const value = TEXTS[name]
  if (value !== undefined) return constant([{ value, type: 'string' }])
  if (name === 'resource') return (_input, { resource }) => [resource]
  if (name === 'rootResource') return (_input, { root }) => [root]
  if (name === 'context') return (_input, { context }) => context
  throw new NotReadError(`%${name} is left to the library`)
}

/** `Patient.name` at the beginning is the patient itself. */
function memberOf({ of, name }: Extract<Tree, { kind: 'member' }>): Evaluate {
  if (of) {
    const inner = compile(of)
    return (input, scope) => childrenOf(inner(input, scope), name)
  }
  if (!/^[A-Z]/.test(name)) return (input) => childrenOf(input, name)
  return (input) => input.filter((item) => isOfType(item, name))
}

function callOf({ of, name, inputs }: Extract<Tree, { kind: 'call' }>): Evaluate {
  const inner = of ? compile(of) : (input: Items): Items => input
  const [first] = inputs
  if (name === 'ofType' || name === 'as' || name === 'is') {
    if (first?.kind !== 'member') throw new NotReadError(`${name} wants a type`)
    return typed(inner, name, first.name)
  }
  const call: Call = functionNamed(name)
  const compiled = inputs.map(compile)
  return (input, scope) => call(inner(input, scope), compiled, scope, input)
}

function itemOf(of: Evaluate, index: Evaluate): Evaluate {
  return (input, scope) => {
    const place = numberOf(index(input, scope)[0]?.value) ?? -1
    return of(input, scope).slice(place, place + 1)
  }
}

function typed(of: Evaluate, operator: 'is' | 'as' | 'ofType', type: string): Evaluate {
  if (operator !== 'is') return (input, scope) => of(input, scope).filter((item) => isOfType(item, type))
  return (input, scope) => {
    const [item] = of(input, scope)
    return item ? truth(isOfType(item, type)) : NONE
  }
}

// ── operators ────────────────────────────────────────────────────────────────────────────────────

function operation(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  const logic = LOGIC[operator]
  if (logic) return (input, scope) => logic(left, right, input, scope)
  const work = OPERATORS[operator]
  if (!work) throw new NotReadError(`the operator ${operator} is left to the library`)
  return (input, scope) => work(left(input, scope), right(input, scope))
}

/** true, false, or undefined for the empty collection (http://hl7.org/fhirpath/N1/#boolean-logic). */
function logical(items: Items): boolean | undefined {
  return items.length === 0 ? undefined : isTrue(items)
}

function collection(value: boolean | undefined): Items {
  return value === undefined ? NONE : truth(value)
}

type Logic = (left: Evaluate, right: Evaluate, input: Items, scope: Scope) => Items

/** The right side is asked only where it matters. */
const LOGIC: Readonly<Record<string, Logic>> = {
  and: (left, right, input, scope) => {
    const one = logical(left(input, scope))
    if (one === false) return truth(false)
    const other = logical(right(input, scope))
    return collection(other === false ? false : one && other)
  },
  or: (left, right, input, scope) => {
    const one = logical(left(input, scope))
    if (one) return truth(true)
    const other = logical(right(input, scope))
    return collection(other ? true : one === undefined || other === undefined ? undefined : false)
  },
  xor: (left, right, input, scope) => {
    const [one, other] = [logical(left(input, scope)), logical(right(input, scope))]
    return collection(one === undefined || other === undefined ? undefined : one !== other)
  },
  implies: (left, right, input, scope) => {
    const one = logical(left(input, scope))
    if (one === false) return truth(true)
    const other = logical(right(input, scope))
    return collection(other ? true : one === undefined ? undefined : other)
  },
}

function ordered(work: (order: number) => boolean): (left: Items, right: Items) => Items {
  return (left, right) => {
    const order = orderOf(left, right)
    return order === undefined ? NONE : truth(work(order))
  }
}

const OPERATORS: Readonly<Record<string, (left: Items, right: Items) => Items>> = {
  '=': (left, right) => collection(equalItems(left, right)),
  '!=': (left, right) => {
    const same = equalItems(left, right)
    return collection(same === undefined ? undefined : !same)
  },
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  '|': union,
  in: (left, right) => isIn(left, right),
  contains: (left, right) => isIn(right, left),
  '&': (left, right) => [{ value: textOf(left) + textOf(right), type: 'string' }],
  '+': (left, right) => sum(left, right),
}

function isIn(one: Items, all: Items): Items {
  const [item] = one
  return item ? truth(all.some((each) => equalItem(item, each))) : NONE
}

function textOf([first]: Items): string {
  const value = first?.value
  return typeof value === 'string' ? value : String(numberOf(value) ?? '')
}

function sum([one]: Items, [other]: Items): Items {
  if (!one || !other) return NONE
  if (typeof one.value === 'string' && typeof other.value === 'string') {
    return [{ value: one.value + other.value, type: 'string' }]
  }
  const [a, b] = [numberOf(one.value), numberOf(other.value)]
  if (a === undefined || b === undefined) throw new NotReadError('this sum is left to the library')
  return [{ value: a + b, type: 'decimal' }]
}
