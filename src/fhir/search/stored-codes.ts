/** The codes of ValueSets and CodeSystems that are stored here, those made of the mappings among them. */
import { GatewayError } from '../../kernel/errors.ts'
import { above, below, type Hierarchy, hierarchyOf } from '../../r4/hierarchies.ts'
import { parseJson } from '../../r4/json.ts'
import { uriKey } from '../../r4/keys/text.ts'
import { codesOf, systemOf } from '../../r4/required-codes.ts'
import type { LinkContext } from './linked.ts'

export interface Coding {
  readonly system: string
  readonly code: string
}

type Context = Pick<LinkContext, 'permit' | 'reader'>

interface Concept {
  readonly code: string
  readonly concept?: readonly Concept[]
  readonly property?: readonly { readonly code: string; readonly valueCode?: string }[]
}

interface Include {
  readonly system?: string
  readonly concept?: readonly Concept[]
  readonly valueSet?: readonly string[]
  readonly filter?: readonly { readonly property: string; readonly op: string; readonly value: string }[]
}

interface Contains {
  readonly system?: string
  readonly code?: string
  readonly abstract?: boolean
  readonly contains?: readonly Contains[]
}

interface Stored {
  readonly content?: string
  readonly concept?: readonly Concept[]
  readonly compose?: { readonly include: readonly Include[]; readonly exclude?: readonly Include[] }
  readonly expansion?: { readonly contains?: readonly Contains[] }
}

/** Codes of one search: more is no range of an index any more. */
const MOST = 500
const MOST_STEPS = 8

/** The codes of a value set by its canonical. */
export async function codesIn(context: Context, canonical: string, steps = 0): Promise<Coding[]> {
  if (steps > MOST_STEPS) throw refused(canonical, 'is made of too many others')
  const found = await stored(context, 'ValueSet', canonical)
  const codes = found ? await codesOfStored(context, canonical, found, steps) : codesOfStandard(canonical)
  if (codes.length > MOST) throw refused(canonical, `has more than ${MOST} codes`)
  return codes
}

/** Of the value sets that R4 requires; where one has codes of several systems, its `code` elements tell none. */
function codesOfStandard(canonical: string): Coding[] {
  const url = canonical.replace(/\|.*/s, '')
  const codes = codesOf(url)
  if (!codes) throw refused(canonical, 'is not known here: store it as a ValueSet first')
  return [...codes].map((code) => ({ system: systemOf(url) ?? '', code }))
}

async function codesOfStored(context: Context, canonical: string, set: Stored, steps: number): Promise<Coding[]> {
  if (!set.compose) {
    if (!set.expansion) throw refused(canonical, 'says no codes')
    return contained(set.expansion.contains)
  }
  const { include, exclude = [] } = set.compose
  const [included, excluded] = await Promise.all(
    [include, exclude].map((list) => Promise.all(list.map((each) => codesOfInclude(context, canonical, each, steps)))),
  )
  const out = new Set(excluded?.flat().map(keyOf))
  const unique = new Map(included?.flat().map((coding) => [keyOf(coding), coding]))
  return [...unique.values()].filter((coding) => !out.has(keyOf(coding)))
}

function contained(contains: readonly Contains[] = []): Coding[] {
  return contains.flatMap(({ system = '', code, abstract, contains: inner }) => [
    ...(code === undefined || abstract === true ? [] : [{ system, code }]),
    ...contained(inner),
  ])
}

/** The value sets it names and the codes it names must all have a code (R4 valueset.html#compositions). */
async function codesOfInclude(context: Context, of: string, include: Include, steps: number): Promise<Coding[]> {
  const sets = await Promise.all((include.valueSet ?? []).map((each) => codesIn(context, each, steps + 1)))
  if (include.system !== undefined) sets.push(await codesOfSystem(context, of, include.system, include))
  const [first = [], ...others] = sets
  return first.filter((coding) => others.every((set) => set.some((each) => keyOf(each) === keyOf(coding))))
}

async function codesOfSystem(context: Context, of: string, system: string, include: Include): Promise<Coding[]> {
  const { concept, filter = [] } = include
  if (concept) return concept.map(({ code }) => ({ system, code }))
  const sets = await Promise.all(
    filter.map(async ({ property, op, value }) => {
      if (property !== 'concept' || (op !== 'is-a' && op !== 'descendent-of'))
        throw refused(of, `filters by "${property}" in a way that is not known here`)
      const codes = await codesBelow(context, system, value)
      return op === 'is-a' ? codes : codes.filter((code) => code !== value)
    }),
  )
  const [first, ...others] = sets.length > 0 ? sets : [await allCodes(context, of, system)]
  return (first ?? []).filter((code) => others.every((set) => set.includes(code))).map((code) => ({ system, code }))
}

async function allCodes(context: Context, of: string, system: string): Promise<string[]> {
  const found = await stored(context, 'CodeSystem', system)
  if (!found?.concept || (found.content ?? 'complete') !== 'complete')
    throw refused(of, `takes all codes of "${system}", which are not stored here`)
  return flat(found.concept).map(({ code }) => code)
}

export async function codesBelow(context: Context, system: string, code: string): Promise<string[]> {
  const codes = below(await hierarchy(context, system), code)
  if (codes.length > MOST) throw refused(`${system}|${code}`, `has more than ${MOST} codes below it`)
  return codes
}

export async function codesAbove(context: Context, system: string, code: string): Promise<string[]> {
  return above(await hierarchy(context, system), code)
}

async function hierarchy(context: Context, system: string): Promise<Hierarchy> {
  const found = await stored(context, 'CodeSystem', system)
  const known = found?.concept ? parentsIn(found.concept) : hierarchyOf(system)
  if (known) return known
  throw refused(system, 'has no hierarchy that is known here: store it as a CodeSystem first')
}

function parentsIn(concepts: readonly Concept[], parent?: string, parents = new Map<string, string[]>()): Hierarchy {
  for (const { code, concept = [], property = [] } of concepts) {
    const named = property.flatMap((each) => (/^(parent|subsumedBy)$/.test(each.code) ? (each.valueCode ?? []) : []))
    parents.set(code, [...(parents.get(code) ?? []), ...(parent === undefined ? [] : [parent]), ...named])
    parentsIn(concept, code, parents)
  }
  return parents
}

function flat(concepts: readonly Concept[]): Concept[] {
  return concepts.flatMap((each) => [each, ...flat(each.concept ?? [])])
}

/** The newest of those with the canonical. */
async function stored({ permit, reader }: Context, type: string, canonical: string): Promise<Stored | undefined> {
  const [url = '', version] = canonical.split('|')
  const versions = version === undefined ? [] : [{ k: `version=*|${version}` }]
  const filter = { $and: [{ tt: `${permit.tenant}/${type}`, deleted: false, k: uriKey('url', url) }, ...versions] }
  const [found] = await reader.find(permit, { filter, sort: { u: -1 }, limit: 1, fields: [] })
  return found && (parseJson(found.body.toString()) as Stored)
}

function keyOf({ system, code }: Coding): string {
  return `${system}|${code}`
}

function refused(what: string, why: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', `"${what}" ${why}.`)
}
