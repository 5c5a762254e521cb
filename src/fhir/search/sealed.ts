/**
 * Searches by what is sealed (docs/sealed-fields.md): a token goes by its blind indexes, one for each key that may have made
 * it, beside itself, since not every source seals it. Nothing else can be asked of what nobody but a reader sees.
 */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { elementPaths } from '../../r4/element-paths.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import { blindValues } from '../../seal/sealed-text.ts'
import type { SealedFields } from '../../seal/sealed-text.ts'
import type { Criterion } from './criterion.ts'
import type { Expression, Placed } from './filter/expression.ts'
import type { LinkContext } from './linked.ts'
import type { Link } from './links.ts'
import { isLink } from './links.ts'
import { splitBars } from './query-text.ts'
import type { SearchQuery } from './query.ts'

type Context = Pick<LinkContext, 'permit' | 'writeBack'>

/** Whether there is a value, and what kind of identifier it is, is not sealed. */
const IN_CLEAR = new Set(['missing', 'text'])
const BLIND = new Set(['', 'not', 'of-type'])

/** The criterion as it is looked up. */
export function blinded(context: Context, type: string, criterion: Criterion): Criterion {
  const { parameter, modifier = '', values } = criterion
  if (!context.writeBack) return criterion
  const { plan, store } = context.writeBack
  const elements = sealedElements(plan.sealed, type, parameter)
  if (elements.length === 0 || IN_CLEAR.has(modifier)) return criterion
  if (parameter.type !== 'token' || !BLIND.has(modifier)) throw refusedSearch(parameter.code, type)
  const { tenant } = context.permit
  const variants = (value: string): string[] => {
    const parts = splitBars(value)
    const code = parts.pop() ?? ''
    if (code === '') return []
    const before = parts.map((part) => `${part.replace(/[\\,|$]/g, '\\$&')}|`).join('')
    return elements
      .flatMap((element) => blindValues(store.seals, { tenant, type, element }, code))
      .map((blind) => before + blind)
  }
  return { ...criterion, values: values.flatMap((value) => [value, ...variants(value)]) }
}

/** A search that is kept, as that of an export is, must not hold a value that is sealed. */
export function assertNothingSealed({ writeBack }: Context, type: string, asked: readonly (Criterion | Link)[]): void {
  const sealed = writeBack?.plan.sealed
  if (!sealed || sealed.size === 0) return
  for (const each of asked) {
    if (asksSealed(sealed, type, each)) {
      throw new GatewayError(
        'GW_UNKNOWN_PARAMETER',
        `"${each.text.replace(/=.*/s, '')}" looks into what is sealed here, and the search of an export is kept: search first, then export by _id.`,
      )
    }
  }
}

function asksSealed(fields: SealedFields, type: string, asked: Criterion | Link): boolean {
  if (!isLink(asked)) return sealedElements(fields, type, asked.parameter).length > 0
  if (asked.kind !== 'filter') return asked.ends.some((end) => asksSealed(fields, end.type, end.asked))
  return testsIn(asked.expression).some((test) => asksSealed(fields, type, test.asked))
}

function testsIn<Test>(expression: Expression<Placed<Test>>): Placed<Test>[] {
  if (expression.kind === 'test') return [expression.test]
  return expression.kind === 'not' ? testsIn(expression.part) : expression.parts.flatMap(testsIn)
}

/** By the order of blind indexes nothing is sorted. */
export function assertSortable({ writeBack }: Context, { sort, scope }: Pick<SearchQuery, 'sort' | 'scope'>): void {
  if (!writeBack || writeBack.plan.sealed.size === 0) return
  for (const { code } of sort) {
    const type = scope.types.find((each) => {
      const parameter = searchParametersOf(each).get(code)
      return parameter && sealedElements(writeBack.plan.sealed, each, parameter).length > 0
    })
    if (type !== undefined) {
      throw new GatewayError(
        'GW_UNKNOWN_PARAMETER',
        `${type} cannot be sorted by "${code}": its values are sealed here; sort by something else.`,
      )
    }
  }
}

const NOTHING: ReadonlySet<string> = new Set()
const blindCodes = new WeakMap<SealedFields, ReadonlySet<string>>()

/**
 * What was asked, as it is put on record: without the values of parameters that look into what is sealed, wherever in a chain
 * they stand, and without texts that may hold such (`_filter`, GraphQL).
 */
export function withoutSealed(fields: SealedFields, query: FhirRequest['query']): FhirRequest['query'] {
  const codes = codesOf(fields)
  if (codes.size === 0) return query
  return query.map(([name, value]) => {
    const isSealed = name === '_filter' || name === 'query' || name.split(/[.:]/).some((part) => codes.has(part))
    return [name, isSealed ? CONCEALED : value] as const
  })
}

const CONCEALED = '(sealed)'

/** Of any type: what a chain ends at need not be known. */
function codesOf(fields: SealedFields): ReadonlySet<string> {
  if (fields.size === 0) return NOTHING
  const known = blindCodes.get(fields)
  if (known) return known
  const codes = [...fields.keys()].flatMap((type) =>
    [...searchParametersOf(type).values()].flatMap((each) =>
      sealedElements(fields, type, each).length > 0 ? [each.code] : [],
    ),
  )
  const made = new Set(codes)
  blindCodes.set(fields, made)
  return made
}

/** Elements the parameter looks into. */
function sealedElements(fields: SealedFields, type: string, { expression, type: kind }: SearchParameter): string[] {
  const sealed = fields.get(type)
  if (!sealed || expression === undefined || kind === 'special') return []
  const paths = elementPaths(expression, type).map(({ steps }) => steps.map(({ name }) => name).join('.'))
  return [...sealed].filter((element) => paths.some((path) => isWithin(element, path) || isWithin(path, element)))
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`)
}

function refusedSearch(code: string, type: string): GatewayError {
  return new GatewayError(
    'GW_UNKNOWN_PARAMETER',
    `What "${code}" of ${type} looks into is sealed here: only a whole value of a token can be found, as ${code}=value.`,
  )
}
