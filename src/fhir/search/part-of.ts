/**
 * `:above` and `:below` of references (R4 search.html#recursive): what a reference names with all that it is part of, or all
 * that is part of it, as `partOf` says where it leads to the same type: Location, Organization, Encounter and others.
 */
import { GatewayError } from '../../kernel/errors.ts'
import { resourceTypes } from '../../r4/elements.ts'
import { uriKey } from '../../r4/keys/text.ts'
import { parseReference } from '../../r4/references.ts'
import { parametersInUse } from '../../r4/search-parameters.ts'
import type { ParameterSet, SearchParameter } from '../../r4/search-parameters.ts'
import type { LinkContext } from './linked.ts'
import { unescape } from './query-text.ts'
import { referencesOf } from './reference-parameters.ts'
import { rangesOf, spellingsOf, withoutBase } from './spellings.ts'

type Context = Pick<LinkContext, 'permit' | 'reader' | 'request'>

/** Resources of one value: more is no range of an index any more. */
const MOST = 500
const MOST_STEPS = 20

export const AROUND: readonly string[] = ['above', 'below']

const codes = new WeakMap<ParameterSet, ReadonlyMap<string, string>>()

/** The code of the parameter that says what resources of the type are part of. */
export function partOfCode(type: string): string | undefined {
  const inUse = parametersInUse()
  const known = codes.get(inUse) ?? new Map(resourceTypes.flatMap(withCode))
  codes.set(inUse, known)
  return known.get(type)
}

function withCode(type: string): [string, string][] {
  const isPartOf = ({ expression, target }: SearchParameter): boolean =>
    expression === `${type}.partOf` && target?.includes(type) === true
  return referencesOf(type)
    .filter(isPartOf)
    .map(({ code }) => [type, code])
}

/** The types that the parameter may point at and that are part of one another. */
export function wholeTypes({ target = [] }: SearchParameter): string[] {
  return target.filter((type) => partOfCode(type) !== undefined)
}

/** The references that a value stands for. */
export async function referencesAround(
  context: Context,
  parameter: SearchParameter,
  modifier: string,
  value: string,
): Promise<string[]> {
  const names = namesIn(context, parameter, modifier, value)
  const seen = new Set(names)
  let layer = names
  for (let step = 0; layer.length > 0; step++) {
    if (step > MOST_STEPS) throw tooMany(parameter, modifier, `follows "partOf" more than ${MOST_STEPS} times`)
    const found = await Promise.all(
      [...Map.groupBy(layer, (name) => name.slice(0, name.indexOf('/')))].map(([type, ofType]) =>
        modifier === 'above' ? wholesOf(context, type, ofType) : partsOf(context, type, ofType),
      ),
    )
    layer = [...new Set(found.flat())].filter((name) => !seen.has(name))
    for (const name of layer) seen.add(name)
    if (seen.size > MOST) throw tooMany(parameter, modifier, `stands for more than ${MOST} resources`)
  }
  return [...seen]
}

/** `Location/1`; of an id alone, one of each type that it may be of. */
function namesIn({ request }: Context, parameter: SearchParameter, modifier: string, value: string): string[] {
  const types = wholeTypes(parameter)
  const local = withoutBase(request.base, unescape(value))
  const literal = parseReference(local) ?? { base: '', type: undefined, id: local }
  const { base, type, id } = literal
  const isHere = base === '' && !/[/:]/.test(id) && (type === undefined || types.includes(type))
  if (isHere) return (type === undefined ? types : [type]).map((each) => `${each}/${id}`)
  throw new GatewayError(
    'GW_BAD_REQUEST',
    `"${parameter.code}:${modifier}" takes a resource of this server that may be part of others: ${types.join(', ')}.`,
  )
}

async function partsOf(
  { permit, reader, request }: Context,
  type: string,
  names: readonly string[],
): Promise<string[]> {
  const code = partOfCode(type) ?? ''
  const keys = names.flatMap((name) => spellingsOf(request.base, name)).map((text) => uriKey(code, text))
  const ids = await reader.identify(permit, { tt: `${permit.tenant}/${type}`, k: { $in: keys } }, MOST + 1)
  return ids.map((id) => id.slice(permit.tenant.length + 1))
}

async function wholesOf(
  { permit, reader, request }: Context,
  type: string,
  names: readonly string[],
): Promise<string[]> {
  const code = partOfCode(type) ?? ''
  const filter = { deleted: false, _id: { $in: names.map((name) => `${permit.tenant}/${name}`) } }
  const keys = await reader.keysWithin(permit, filter, rangesOf(request.base, code, type), MOST + 1)
  return keys.map((key) => withoutBase(request.base, key.slice(code.length + 1)))
}

function tooMany({ code }: SearchParameter, modifier: string, what: string): GatewayError {
  return new GatewayError('GW_TOO_LARGE', `"${code}:${modifier}" ${what}: ask for fewer.`)
}
