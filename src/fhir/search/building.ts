/**
 * Search parameters that are being built: not every resource has their keys yet, so an answer that used them would lack
 * matches without saying so. It is refused until they are (503, `transient`: the same request will be answered later);
 * lenient handling leaves them out and says so.
 */
import { GatewayError } from '../../kernel/errors.ts'
import { compartmentParameters } from '../../r4/compartments.ts'
import { membersOf } from '../../r4/unions.ts'
import type { Building, BuildingState } from '../../store/indexing.ts'
import type { Criterion } from './criterion.ts'
import { testsOf } from './filter/expression.ts'
import { isLink } from './links.ts'
import type { Link } from './links.ts'
import { AROUND, partOfCode, wholeTypes } from './part-of.ts'
import type { SearchQuery, Wanted } from './query.ts'

/** What of a search reads search keys. */
type Asked = Pick<SearchQuery, 'scope' | 'wanted' | 'includes' | 'sort'>

/** Codes of parameters by type. */
type Codes = Map<string, Set<string>>

/** Refuses a search that uses a parameter which is being built. */
export function assertBuilt(building: Building, asked: Asked): void {
  const [first] = usedBy(building, asked)
  if (first) throw new GatewayError('GW_BUILDING', sentenceOf(first))
}

/** The search without what is being built, and what was left out, each a sentence. What is in a compartment cannot be. */
export function onlyBuilt<T extends Asked>(building: Building, asked: T): { built: T; left: readonly string[] } {
  const left = usedBy(building, asked).map(sentenceOf)
  if (left.length === 0) return { built: asked, left }
  const { scope, wanted } = asked
  const nothing: Asked = { scope, wanted: [], includes: [], sort: [] }
  assertBuilt(building, { ...nothing, wanted: wanted.map(({ type }) => ({ type, criteria: [], links: [] })) })
  const isBuilt = (part: Partial<Asked>): boolean => usedBy(building, { ...nothing, ...part }).length === 0
  // The same stands at the same place for every type
  const built = {
    ...asked,
    wanted: wanted.map((each) => ({
      ...each,
      criteria: each.criteria.filter((_, at) =>
        isBuilt({ wanted: wanted.map((other) => only(other, { criteria: other.criteria.slice(at, at + 1) })) }),
      ),
      links: each.links.filter((_, at) =>
        isBuilt({ wanted: wanted.map((other) => only(other, { links: other.links.slice(at, at + 1) })) }),
      ),
    })),
    includes: asked.includes.filter((each) => isBuilt({ includes: [each] })),
    sort: asked.sort.filter((each) => isBuilt({ sort: [each] })),
  }
  return { built, left }
}

function only({ type }: Wanted, part: Partial<Wanted>): Wanted {
  return { type, criteria: [], links: [], ...part }
}

function usedBy(building: Building, asked: Asked): BuildingState[] {
  if (building.size === 0) return []
  return [...codesOf(asked)].flatMap(([type, codes]) => {
    const state = building.get(type)
    const found = state?.codes.filter((code) => codes.has(code)) ?? []
    return state && found.length > 0 ? [{ ...state, codes: found }] : []
  })
}

function codesOf({ scope, wanted, includes, sort }: Asked): Codes {
  const codes: Codes = new Map()
  for (const { type, criteria, links } of wanted) {
    if (scope.compartment) add(codes, type, ...compartmentParameters(scope.compartment.type, type))
    for (const criterion of criteria) addCriterion(codes, type, criterion)
    for (const link of links) addLink(codes, type, link)
  }
  for (const type of sort.length > 0 ? scope.types : []) add(codes, type, ...sort.map(({ code }) => code))
  for (const each of includes.flatMap(({ references }) => references)) add(codes, each.type, each.code)
  return codes
}

function addCriterion(codes: Codes, type: string, { parameter, modifier = '' }: Criterion): void {
  add(codes, type, parameter.code, ...membersOf(parameter, type).map(({ code }) => code))
  const isAround = parameter.type === 'reference' && AROUND.includes(modifier)
  for (const whole of isAround ? wholeTypes(parameter) : []) add(codes, whole, partOfCode(whole) ?? '')
}

/** A chain starts from a reference of this type, `_has` from one of the other. */
function addLink(codes: Codes, type: string, link: Link): void {
  if (link.kind === 'filter') {
    for (const { asked } of testsOf(link.expression)) addAsked(codes, type, asked)
    return
  }
  const { kind, code, ends } = link
  if (kind === 'chain') add(codes, type, code)
  for (const { type: end, asked } of ends) {
    if (kind === 'has') add(codes, end, code)
    addAsked(codes, end, asked)
  }
}

function addAsked(codes: Codes, type: string, asked: Criterion | Link): void {
  if (isLink(asked)) addLink(codes, type, asked)
  else addCriterion(codes, type, asked)
}

function add(codes: Codes, type: string, ...added: readonly string[]): void {
  codes.set(type, new Set([...(codes.get(type) ?? []), ...added]))
}

function sentenceOf({ type, codes, done, total, waits }: BuildingState): string {
  const names = codes.map((code) => `"${code}"`).join(', ')
  const far = waits
    ? 'and waits for a program with other search parameters to end'
    : `${done} of ${Math.max(done, total)} resources are done`
  return `The index of ${names} of ${type} is being built, ${far}: search again in a while, or without it.`
}
