/**
 * `_filter` of a type: each test as what a search asks, a criterion or a chain (R4 search_filter.html, the table of operators).
 *
 * `ne` of texts and codes is what `:not` is: none of the values is equal.
 */
import { GatewayError } from '../../../kernel/errors.ts'
import type { SearchParameterType } from '../../../r4/search-parameters.ts'
import { criterionOf } from '../criterion.ts'
import type { Criterion } from '../criterion.ts'
import { assertFewSteps, chainAlong } from '../links.ts'
import type { Link } from '../links.ts'
import { encodeValue, splitValues } from '../query-text.ts'
import { placed } from './expression.ts'
import type { Expression, Operator, Placed, Step, WrittenTest } from './expression.ts'
import { parseFilter } from './parse.ts'

type Asked = Criterion | Link
type Understood = Expression<Placed<Asked>>

export function filterOf(type: string, text: string): Link {
  return { kind: 'filter', expression: understood(type, parseFilter(text)), text: `_filter=${encodeValue(text)}` }
}

/** `steps`: references that were followed to it. */
function understood(type: string, written: Expression<WrittenTest>, steps = 0): Understood {
  if (written.kind === 'test') return tested(type, written.test, steps)
  if (written.kind === 'not') return { kind: 'not', part: understood(type, written.part, steps) }
  return { kind: written.kind, parts: written.parts.map((part) => understood(type, part, steps)) }
}

function tested(type: string, test: WrittenTest, steps: number): Understood {
  try {
    return along(type, test.path, test, steps)
  } catch (error) {
    throw placed(test.at, error)
  }
}

function along(type: string, [step, ...rest]: readonly Step[], test: WrittenTest, before: number): Understood {
  const { code, where } = step as Step
  if (rest.length === 0) return ofParameter(type, code, test)
  const steps = before + 1
  assertFewSteps(steps)
  const name = rest.map((each) => each.code).join('.')
  const link = chainAlong(type, step as Step, name, (target) => {
    const end = along(target, rest, test, steps)
    return asOne(where ? { kind: 'and', parts: [understood(target, where, steps), end] } : end)
  })
  return { kind: 'test', test: { at: test.at, asked: { ...link, text: `${code}.${name}` } } }
}

/** What the resources that a reference leads to must be. */
function asOne(expression: Understood): Asked {
  return expression.kind === 'test' ? expression.test.asked : { kind: 'filter', expression, text: '_filter' }
}

// ── operators ────────────────────────────────────────────────────────────────────────────────────

interface Meaning {
  /** of the parameter; an `own` one only `_filter` has (SearchType.operators) */
  readonly modifier?: string
  readonly own?: true
  /** the operator stands before the value */
  readonly prefix?: true
  readonly denied?: true
}

const plain: Meaning = {}
const prefixed: Meaning = { prefix: true }
const order = Object.fromEntries(
  (['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const).map((each) => [each, prefixed]),
)

const meanings: Readonly<Record<SearchParameterType, Readonly<Partial<Record<Operator, Meaning>>>>> = {
  string: {
    eq: { modifier: 'eq', own: true },
    ne: { modifier: 'eq', own: true, denied: true },
    co: { modifier: 'contains' },
    sw: plain,
    ew: { modifier: 'ew', own: true },
  },
  token: {
    eq: plain,
    ne: { denied: true },
    in: { modifier: 'in' },
    ni: { modifier: 'not-in' },
    ss: { modifier: 'below' },
    sb: { modifier: 'above' },
  },
  uri: { eq: plain, ne: { denied: true } },
  reference: { re: plain },
  date: order,
  number: order,
  quantity: order,
  composite: { eq: plain },
  special: {},
}

function ofParameter(type: string, code: string, { at, operator, value }: WrittenTest): Understood {
  // Refused there when it is not there
  const kind = criterionOf(type, code, 'any').parameter.type
  const asked = (criterion: Criterion): Understood => ({ kind: 'test', test: { at, asked: criterion } })
  if (operator === 'pr' && kind !== 'special') return asked(criterionOf(type, `${code}:missing`, isMissing(value)))
  const meaning = meanings[kind][operator]
  if (!meaning) throw notTaken(code, kind)
  const { modifier, prefix, denied, own } = meaning
  const name = modifier === undefined || own ? code : `${code}:${modifier}`
  const criterion = criterionOf(type, name, (prefix ? operator : '') + escapedFor(kind, value))
  const test = asked(own ? { ...criterion, modifier: modifier as string } : criterion)
  return denied ? { kind: 'not', part: test } : test
}

function isMissing(value: string): string {
  if (value === 'true' || value === 'false') return String(value === 'false')
  throw new GatewayError('GW_BAD_REQUEST', '"pr" takes true or false.')
}

function notTaken(code: string, kind: SearchParameterType): GatewayError {
  const known = [...Object.keys(meanings[kind]), ...(kind === 'special' ? [] : ['pr'])]
  const taken = known.length === 0 ? 'none in _filter: ask for it beside' : known.join(', ')
  return new GatewayError('GW_BAD_REQUEST', `"${code}" is a ${kind}, and takes ${taken}.`)
}

/** R4: predefined and can be used in place of their full namespace. */
const systems: Readonly<Record<string, string>> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
}

/** As it stands in a search, where commas divide values: here there is one. */
function escapedFor(kind: SearchParameterType, value: string): string {
  if (kind === 'string' || kind === 'uri' || kind === 'reference') return value.replace(/[\\,|$]/g, '\\$&')
  const one = splitValues(value).join('\\,')
  return one.replace(
    /(^|\|)(loinc|snomed|rxnorm|ucum)(?=\|)/,
    (_, before: string, name: string) => before + (systems[name] ?? ''),
  )
}
