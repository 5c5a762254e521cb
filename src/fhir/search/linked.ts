/**
 * What a chain or `_has` comes to: the other ends are looked up first, from the last inwards, each as a search of its own
 * under the same Permit, and what was found is a list of keys or ids of the next.
 */
import { GatewayError } from '../../kernel/errors.ts'
import { uriKey } from '../../r4/keys/text.ts'
import type { SearchReader } from '../../store/search-reader.ts'
import type { FhirContext } from '../context.ts'
import type { Criterion } from './criterion.ts'
import { placed, predicateOf } from './filter/expression.ts'
import type { Placed } from './filter/expression.ts'
import { isLink } from './links.ts'
import type { Chain, End, Link } from './links.ts'
import type { Filter, Target } from './lookup.ts'
import { narrowed } from './narrowed.ts'
import { criterionFilter, typeFilter } from './predicate.ts'
import { rangesOf, spellingsOf, withoutBase } from './spellings.ts'
import { spanOf } from './types/last-updated.ts'
import { writtenOut } from './written-out.ts'

/** `reader`: may read another moment than the request's own. */
export type LinkContext = Pick<FhirContext, 'permit' | 'request' | 'limits'> & {
  /** none: of an export, which asks nothing of what is sealed */
  readonly writeBack?: FhirContext['writeBack']
  readonly reader: SearchReader
  /** see Target */
  readonly now: number
}

/** More at one step than this is not worth asking. */
const MOST = 10_000

export async function linkFilter(context: LinkContext, type: string, link: Link): Promise<Filter> {
  if (link.kind === 'filter') return predicateOf(link.expression, (test) => testFilter(context, type, test))
  return link.kind === 'has' ? hasFilter(context, type, link) : chainFilter(context, link)
}

async function testFilter(
  context: LinkContext,
  type: string,
  { at, asked }: Placed<Criterion | Link>,
): Promise<Filter> {
  try {
    if (isLink(asked)) return await linkFilter(context, type, asked)
    return criterionFilter(await writtenOut(context, type, asked), targetOf(context, type))
  } catch (error) {
    throw placed(at, error)
  }
}

function targetOf({ permit, request, now }: LinkContext, type: string): Target {
  return { tenant: permit.tenant, type, base: request.base, now }
}

async function chainFilter(context: LinkContext, { code, ends, text }: Chain): Promise<Filter> {
  const { permit, reader, request } = context
  const found = await Promise.all(
    ends.map(async (end) => reader.identify(permit, await endFilter(context, end), MOST + 1)),
  )
  const start = permit.tenant.length + 1
  const names = withinLimit(found.flat(), text).map((id) => id.slice(start))
  return { k: { $in: names.flatMap((name) => spellingsOf(request.base, name).map((each) => uriKey(code, each))) } }
}

async function hasFilter(context: LinkContext, type: string, { code, ends, text }: Chain): Promise<Filter> {
  const { permit, reader, request } = context
  const ranges = rangesOf(request.base, code, type)
  const keys = await reader.keysWithin(permit, await endFilter(context, ends[0] as End), ranges, MOST + 1)
  const names = withinLimit(keys, text).map((key) => withoutBase(request.base, key.slice(code.length + 1)))
  return { _id: { $in: [...new Set(names)].map((name) => `${permit.tenant}/${name}`) } }
}

async function endFilter(context: LinkContext, { type, asked }: End): Promise<Filter> {
  const target = targetOf(context, type)
  if (isLink(asked)) return typeFilter(target, [], [await linkFilter(context, type, asked)])
  const written = await writtenOut(context, type, asked)
  const filter = typeFilter(target, [written], [criterionFilter(written, target)])
  const span = spanOf([asked], context.now)
  return (span && (await narrowed(context, [type], filter, span, MOST))) ?? filter
}

function withinLimit(found: readonly string[], text: string): readonly string[] {
  if (found.length <= MOST) return found
  throw new GatewayError(
    'GW_TOO_LARGE',
    `"${text.replace(/=.*/s, '')}" fits more than ${MOST} resources: ask for fewer.`,
  )
}
