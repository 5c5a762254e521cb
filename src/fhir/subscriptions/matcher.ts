/**
 * Does a version fit a search? Told in memory, by the search keys of what that version says: a search of the database
 * would tell of what is there by now. The predicate is the one of the search itself (src/fhir/search), so both agree.
 */
import { Context } from 'mingo/core'
import * as operators from 'mingo/operators/query'
import { Query } from 'mingo/query'
import { everythingOf } from '../../access/permit.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { JsonObject } from '../../r4/element-paths.ts'
import { parseJson } from '../../r4/json.ts'
import { searchKeys } from '../../r4/search-keys.ts'
import type { SearchKeys } from '../../r4/search-keys.ts'
import type { VersionDocument } from '../../store/documents.ts'
import { resourceOf } from '../../store/sealed-bodies.ts'
import { exportRequest } from '../bulk/export-search.ts'
import type { FhirContext } from '../context.ts'
import { CONTROLS } from '../search/criterion.ts'
import type { Criterion } from '../search/criterion.ts'
import { AROUND } from '../search/part-of.ts'
import { criterionFilter } from '../search/predicate.ts'
import { parseQuery } from '../search/query.ts'
import { typeScope } from '../search/scope.ts'
import { assertNothingSealed } from '../search/sealed.ts'
import { SETS } from '../search/written-out.ts'

/** Where searches are understood: whose, at which address, and what is sealed there. */
export interface MatchPlace {
  readonly tenant: string
  readonly base: string
  readonly limits: Limits
  readonly writeBack: FhirContext['writeBack']
}

/** What predicates are made of: the rest of mingo, which is most of it, is not loaded. */
const context = Context.init({ query: operators })

/** A version, as the store would have it were it current. */
export type Candidate = SearchKeys & Pick<VersionDocument, '_id' | 't' | 'tt' | 'v' | 'u'> & { readonly deleted: false }

export type Matcher = (candidate: Candidate) => boolean

/** Undefined of a deletion. Made of the text as it is stored: by what is sealed nothing is found. */
export function candidateOf(
  version: Pick<VersionDocument, '_id' | 't' | 'tt' | 'v' | 'u' | 'body'>,
): Candidate | undefined {
  const { t, tt, v, u, body } = version
  if (body === '') return undefined
  return { _id: resourceOf(version), t, tt, v, u, deleted: false, ...searchKeys(parseJson(body) as JsonObject) }
}

/** Throws a GatewayError where it asks for what a version alone does not tell. */
export function matcherOf(place: MatchPlace, type: string, query: string): Matcher {
  const target = { tenant: place.tenant, type, base: place.base, now: Date.now() }
  const queries = criteriaOf(place, type, query).map(
    (each) => new Query(criterionFilter(each, target) as never, { context }),
  )
  const tt = `${place.tenant}/${type}`
  return (candidate) => candidate.tt === tt && queries.every((each) => each.test(candidate as never))
}

function criteriaOf(place: MatchPlace, type: string, query: string): readonly Criterion[] {
  const { tenant, base, limits, writeBack } = place
  const parameters = [...new URLSearchParams(query)]
  const control = parameters.find(([name]) => CONTROLS.has(name) || /^_(include|revinclude)\b/.test(name))
  if (control) throw refused(`"${control[0]}" says how an answer looks, and there is none: leave it out.`)
  const caller = { permit: everythingOf(tenant), by: '' }
  const request = { ...exportRequest(base, caller, limits), query: parameters }
  const { criteria = [], links = [] } = parseQuery(request, typeScope(type), limits).wanted[0] ?? {}
  const [link] = links
  if (link)
    throw refused(`${nameIn(link.text)} looks at other resources, and a change is judged by itself: leave it out.`)
  const wide = criteria.find(({ modifier = '' }) => SETS.has(modifier) || AROUND.includes(modifier))
  if (wide) throw refused(`${nameIn(wide.text)} stands for codes or resources that are looked up: name them.`)
  assertNothingSealed({ writeBack, permit: caller.permit }, type, criteria)
  return criteria
}

function nameIn(text: string): string {
  return `"${text.replace(/=.*/s, '')}"`
}

function refused(sentence: string): GatewayError {
  return new GatewayError('GW_UNKNOWN_PARAMETER', sentence)
}
