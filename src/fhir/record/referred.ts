/**
 * What resources refer to and what that refers to in turn: practitioners, organizations, places, medications. Whoever asks
 * says what may be shown: of a record never another patient, nor a part of another patient's record.
 */
import { GatewayError } from '../../kernel/errors.ts'
import { parseReference } from '../../r4/references.ts'
import type { Found } from '../../store/search-reader.ts'
import type { LinkContext } from '../search/linked.ts'

/** In stored text, a quotation mark within a string has a backslash before it: nothing else looks like this. */
const REFERENCE = /"reference":"([^"\\]+)"/g
const AT_ONCE = 500

export interface Following {
  /** `_id`s that are answered already; those found are added */
  readonly seen: Set<string>
  /** may it be shown? Its search keys say whose it is; round 0: what the resources themselves refer to. */
  readonly isShown: (type: string, id: string, keys: readonly string[], round: number) => boolean
  /** more than these are refused */
  readonly most?: number
}

export async function referredBy(
  context: LinkContext,
  resources: readonly Pick<Found, 'body'>[],
  { seen, isShown, most = Infinity }: Following,
): Promise<Found[]> {
  const { tenant } = context.permit
  const referred: Found[] = []
  let layer: readonly Pick<Found, 'body'>[] = resources
  for (let round = 0; layer.length > 0 && round < context.limits.includeRounds; round++) {
    const ids = idsIn(context, layer).filter((id) => !seen.has(id))
    for (const id of ids) seen.add(id)
    const found = await findAll(context, ids)
    const shown = found.filter(({ _id, k = [] }) => {
      const [type = '', id = ''] = _id.slice(tenant.length + 1).split('/')
      return isShown(type, id, k, round)
    })
    referred.push(...shown)
    if (referred.length > most) throw tooMany(most)
    layer = shown
  }
  return referred.sort((a, b) => (a._id < b._id ? -1 : 1))
}

function tooMany(most: number): GatewayError {
  const sentence = `More than ${most} resources belong to this: ask for it in parts, by searches or with $everything.`
  return new GatewayError('GW_TOO_LARGE', sentence)
}

/** `_id`s of what these refer to on this server, each once. */
function idsIn({ permit, request }: LinkContext, resources: readonly Pick<Found, 'body'>[]): string[] {
  const texts = new Set(
    resources.flatMap(({ body }) => [...body.toString().matchAll(REFERENCE)].map(([, text = '']) => text)),
  )
  const ids = [...texts].flatMap((text) => {
    const literal = parseReference(text.startsWith(`${request.base}/`) ? text.slice(request.base.length + 1) : text)
    return literal?.base === '' ? [`${permit.tenant}/${literal.type}/${literal.id}`] : []
  })
  return [...new Set(ids)]
}

async function findAll({ permit, reader }: LinkContext, ids: readonly string[]): Promise<Found[]> {
  const found: Found[] = []
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const filter = { deleted: false, _id: { $in: ids.slice(start, start + AT_ONCE) } }
    found.push(...(await reader.find(permit, { filter, sort: {}, limit: AT_ONCE, fields: ['k'] })))
  }
  return found
}
