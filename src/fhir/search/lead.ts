/**
 * Which of several criteria leads: the one that few resources fit (narrowness.ts) is looked up in the index of keys, the
 * others are tried on what it finds.
 *
 * Two bounds on one array have no common range. MongoDB takes one of them, weighs no values, and keeps what it chose for
 * the next search of the same form: `code=8867-4&patient=1` would go through everybody's heart rates.
 */
import type { Criterion } from './criterion.ts'
import type { Filter } from './lookup.ts'
import { narrownessOf, OF_LINK, WIDE } from './narrowness.ts'
import type { SearchQuery } from './query.ts'

/** What few resources share; few are based on one request. */
const OWN = new Set(['_id', 'identifier', '_source', 'based-on'])

/** What fits is expected to be little: a person's, or what has one identifier. */
export function fitsFew({ scope, wanted: [asked] }: Pick<SearchQuery, 'scope' | 'wanted'>): boolean {
  return scope.compartment !== undefined || asked?.criteria.some(isPointed) === true
}

function isPointed({ parameter, modifier, values }: Criterion): boolean {
  if (modifier !== undefined && modifier !== 'identifier' && !parameter.target?.includes(modifier)) return false
  // `identifier=system|` asks for the whole system
  if (OWN.has(parameter.code)) return !values.some((value) => value.endsWith('|'))
  return parameter.target?.includes('Patient') === true
}

export interface Led {
  /** asks for a key that is there */
  readonly lead?: Filter
  /** those that fit less first */
  readonly others: readonly Filter[]
  /** so many of the others are expected to fit less than the lead, and have no keys */
  readonly narrower: number
}

/** `filters` are those of the criteria, then those of links. */
export function ledBy(type: string, criteria: readonly Criterion[], filters: readonly Filter[]): Led {
  const ranked = filters.map((filter, index) => {
    const criterion = criteria[index]
    return { filter, rank: criterion ? narrownessOf(criterion, type) : OF_LINK }
  })
  ranked.sort((a, b) => a.rank - b.rank)
  const narrower = ranked.findIndex(({ filter, rank }) => rank < WIDE && isOfKeys(filter))
  const lead = ranked[narrower]?.filter
  const rest = ranked.map(({ filter }) => filter).filter((filter) => filter !== lead)
  if (!lead) return { others: rest, narrower: rest.length }
  return { lead, others: rest.map((each) => (isOfKeys(each) ? tried(each) : each)), narrower }
}

function isOfKeys(filter: Filter): boolean {
  if ('$or' in filter) return (filter.$or as Filter[]).every(isOfKeys)
  return 'k' in filter
}

/** The same, but no index is chosen for what is denied. */
export function tried(filter: Filter): Filter {
  return { $nor: [{ $nor: [filter] }] }
}
