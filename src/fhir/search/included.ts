/** What `_include` and `_revinclude` bring to a page of matches, under the same Permit, each resource once. */
import { GatewayError } from '../../kernel/errors.ts'
import { uriKey } from '../../r4/keys/text.ts'
import { parseReference } from '../../r4/references.ts'
import type { Found } from '../../store/search-reader.ts'
import { followsKeys } from './includes.ts'
import type { Include } from './includes.ts'
import type { LinkContext } from './linked.ts'
import type { Filter } from './lookup.ts'
import { spellingsOf, withoutBase } from './spellings.ts'

/** Lookups of one round: `_revinclude=*` asks all types by all references. */
const MOST_LOOKUPS = 50_000
/** What a page of so many brings is looked up together with the searches of others. */
const FEW = 24

export async function includedWith(
  context: LinkContext,
  includes: readonly Include[],
  page: readonly Found[],
): Promise<Found[]> {
  const { included: most, includeRounds } = context.limits
  const seen = new Set(page.map(({ _id }) => _id))
  const included: Found[] = []
  let layer = page
  let active = includes
  for (let round = 0; layer.length > 0 && active.length > 0; round++) {
    if (round === includeRounds) throw tooMany(`go on for more than ${includeRounds} rounds`)
    const fields = includes.some((each) => each.iterate && followsKeys(each)) ? ['k'] : []
    const found = await Promise.all(active.map((include) => follow(context, include, { layer, seen, fields })))
    layer = [...new Map(found.flat().map((each) => [each._id, each])).values()].filter(({ _id }) => !seen.has(_id))
    for (const { _id } of layer) seen.add(_id)
    included.push(...layer)
    if (included.length > most) throw tooMany(`bring more than ${most} resources`)
    active = includes.filter(({ iterate }) => iterate)
  }
  return included.sort((a, b) => (a._id < b._id ? -1 : 1))
}

interface Step {
  /** what is followed from */
  readonly layer: readonly Found[]
  readonly seen: ReadonlySet<string>
  /** what is needed of what is found, to follow on */
  readonly fields: readonly string[]
}

function follow(context: LinkContext, include: Include, { layer, seen, fields }: Step): Promise<Found[]> {
  const filters =
    include.kind === '_include' ? pointedAt(context, include, layer, seen) : [pointingAt(context, include, layer)]
  const page = {
    sort: {},
    limit: context.limits.included + seen.size + 1,
    fields,
    few: layer.length <= FEW,
  }
  const { request, reader } = context
  // What may be read or searched: a search has only the part of the Permit that is for searches
  const { permit } = request.caller
  return Promise.all(filters.map((filter) => reader.find(permit, { ...page, filter }))).then((found) => found.flat())
}

/** The references of each match are among its search keys. */
function pointedAt(
  { permit, request, limits }: LinkContext,
  { references, target }: Include,
  layer: readonly Found[],
  seen: ReadonlySet<string>,
): Filter[] {
  const ids = layer.flatMap(({ _id, k = [] }) => {
    const codes = references.filter(({ type }) => _id.startsWith(`${permit.tenant}/${type}/`)).map(({ code }) => code)
    return codes.flatMap((code) => k.flatMap((key) => (key.startsWith(`${code}=`) ? [key.slice(code.length + 1)] : [])))
  })
  const wanted = ids.flatMap((text) => {
    const literal = parseReference(withoutBase(request.base, text))
    const fits = literal?.base === '' && (target === undefined || literal.type === target)
    return fits ? [`${permit.tenant}/${literal.type}/${literal.id}`] : []
  })
  const missing = [...new Set(wanted)].filter((id) => !seen.has(id))
  if (missing.length > limits.included) throw tooMany(`bring more than ${limits.included} resources`)
  if (missing.length === 0) return []
  // What few are named by is looked up together with what others name (src/store/keyed-searches.ts)
  const types = missing.length > FEW ? undefined : new Set(missing.map((id) => id.slice(0, id.lastIndexOf('/'))))
  return [{ ...(types && { tt: { $in: [...types] } }), deleted: false, _id: { $in: missing } }]
}

function pointingAt(
  { permit, request }: LinkContext,
  { references, target }: Include,
  layer: readonly Found[],
): Filter {
  const start = permit.tenant.length + 1
  const ends = layer.map(({ _id }) => _id.slice(start)).filter((id) => !target || id.startsWith(`${target}/`))
  const types = [...new Set(references.map(({ type }) => `${permit.tenant}/${type}`))]
  const codes = [...new Set(references.map(({ code }) => code))]
  if (ends.length * types.length * codes.length > MOST_LOOKUPS) throw tooMany('ask too much at once')
  const spellings = ends.flatMap((name) => spellingsOf(request.base, name))
  return { tt: { $in: types }, k: { $in: codes.flatMap((code) => spellings.map((each) => uriKey(code, each))) } }
}

function tooMany(what: string): GatewayError {
  return new GatewayError('GW_TOO_LARGE', `The includes ${what}: ask for a smaller page (_count) or fewer includes.`)
}
