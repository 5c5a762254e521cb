/**
 * A criterion as a predicate over search keys (src/r4/search-keys.ts): each is one tight range of an index.
 */
import { GatewayError } from '../../kernel/errors.ts'
import { dateRange } from '../../r4/dates.ts'
import type { DateRange } from '../../r4/dates.ts'
import { fold, foldedKey, systemKey, tokenKey, uriKey } from '../../r4/keys/text.ts'
import { parseReference } from '../../r4/references.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import type { Page } from '../../store/resource-reader.ts'
import { numberFilter, quantityFilter } from './number.ts'
import { splitPrefix } from './prefix.ts'
import type { Prefix } from './prefix.ts'
import { splitBars, unescape } from './query.ts'
import type { Criterion } from './query.ts'

type Filter = Page['filter']

export interface Target {
  readonly tenant: string
  readonly type: string
  /** the FHIR base, so that absolute references to this server are known */
  readonly base: string
}

/** Any of the values. */
export function criterionFilter({ parameter, values }: Criterion, target: Target): Filter {
  const keys = values.map((value) => keyOf(parameter, value, target))
  const simple = keys.flatMap((each) => (typeof each === 'string' ? [each] : Array.isArray(each) ? each : []))
  const filters = keys.filter((each): each is Filter => typeof each === 'object' && !Array.isArray(each))
  if (simple.length > 0) filters.push(simple.length === 1 ? { k: simple[0] as string } : { k: { $in: simple } })
  return filters.length === 1 ? (filters[0] as Filter) : { $or: filters }
}

/** The key the value is found by (or several alternatives), or a predicate of its own. */
function keyOf(parameter: SearchParameter, value: string, target: Target): string | string[] | Filter {
  const { code } = parameter
  if (code === '_id') return { _id: `${target.tenant}/${target.type}/${unescape(value)}` }
  if (code === '_lastUpdated') return lastUpdatedFilter(value)
  switch (parameter.type) {
    case 'token':
      return tokenOf(code, value)
    case 'string':
      return stringFilter(code, unescape(value))
    case 'reference':
      return referenceKeys(parameter, unescape(value), target)
    case 'uri':
      return uriKey(code, unescape(value))
    case 'date':
      return dateFilter(code, value)
    case 'number':
      return numberFilter(code, value)
    case 'quantity':
      return quantityFilter(code, value)
    default:
      throw new GatewayError('GW_UNKNOWN_PARAMETER', `"${code}" cannot be searched by.`)
  }
}

/** `system|code`, `|code` (no system), `system|`, `code` (any system). */
function tokenOf(code: string, value: string): string {
  const parts = splitBars(value)
  const [first = '', second] = parts
  const isEmpty = parts.length === 2 && first === '' && second === ''
  // `*` stands for "any" in the keys, and for nothing in FHIR
  if (parts.length > 2 || isEmpty || first === '*' || second === '*') {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}" takes code, system|code, |code or system|.`)
  }
  if (second === undefined) return tokenKey(code, undefined, first)
  return second === '' ? systemKey(code, first) : tokenKey(code, first, second)
}

/** The last character there is: what begins with a text sorts from the text to before the text and this. */
const LAST = '\u{10ffff}'

/** A range, not an anchored regular expression: one of those takes two ranges of the index, and no NUL. */
function stringFilter(code: string, value: string): Filter {
  const folded = fold(value)
  if (folded === '') throw new GatewayError('GW_BAD_REQUEST', `"${code}" has a value without letters or digits.`)
  const key = foldedKey(code, folded)
  return { k: { $elemMatch: { $gte: key, $lt: key + LAST } } }
}

/** A bare id may be of any type the parameter points at; of a parameter for canonicals and URIs it is no id. */
function referenceKeys(
  { code, target: targets = [] }: SearchParameter,
  value: string,
  { base }: Target,
): string | string[] {
  const local = value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value
  const literal = parseReference(local)
  if (literal?.base === '') {
    const { type, id } = literal
    if (targets.length > 0 && !targets.includes(type)) {
      throw new GatewayError('GW_BAD_REQUEST', `"${code}" never points at ${type}; it takes ${targets.join(', ')}.`)
    }
    return uriKey(code, `${type}/${id}`)
  }
  if (targets.length === 0 || local.includes('/') || local.includes(':')) return uriKey(code, local)
  return targets.map((type) => uriKey(code, `${type}/${local}`))
}

function rangeOf(code: string, text: string): DateRange {
  const range = dateRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${code}" has a value that is no date of FHIR.`)
  return range
}

/** Stored [L, H) against asked [l, h): R4 search.html#prefix. */
function dateFilter(p: string, value: string): Filter {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = rangeOf(p, rest)
  const some = (condition: object): Filter => ({ d: { $elemMatch: { p, ...condition } } })
  const filters: Record<Prefix, () => Filter> = {
    eq: () => some({ l: { $gte: l, $lt: h }, h: { $lte: h } }),
    ne: () => ({ $or: [some({ l: { $lt: l } }), some({ h: { $gt: h } })] }),
    gt: () => some({ h: { $gt: h } }),
    lt: () => some({ l: { $lt: l } }),
    ge: () => ({ $or: [some({ h: { $gt: h } }), some({ l: { $gte: l } })] }),
    le: () => ({ $or: [some({ l: { $lt: l } }), some({ h: { $lte: h } })] }),
    sa: () => some({ l: { $gte: h } }),
    eb: () => some({ h: { $lte: l } }),
    ap: () => {
      const slack = Math.abs(Date.now() - l.getTime()) / 10
      return some({ l: { $lt: new Date(h.getTime() + slack) }, h: { $gt: new Date(l.getTime() - slack) } })
    },
  }
  return filters[prefix]()
}

function lastUpdatedFilter(value: string): Filter {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = rangeOf('_lastUpdated', rest)
  const slack = Math.abs(Date.now() - l.getTime()) / 10
  const conditions: Record<Prefix, object> = {
    eq: { $gte: l, $lt: h },
    ne: { $not: { $gte: l, $lt: h } },
    gt: { $gte: h },
    sa: { $gte: h },
    lt: { $lt: l },
    eb: { $lt: l },
    ge: { $gte: l },
    le: { $lt: h },
    ap: { $gte: new Date(l.getTime() - slack), $lt: new Date(h.getTime() + slack) },
  }
  return { u: conditions[prefix] }
}
