/** People of all systems by a name, a number, a phone number, an address of e-mail or a day of birth. */
import { firstThatFinds } from '../../first-that-finds.ts'
import type { Items } from '../../kind.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'
import type { Query } from '../../records.ts'
import { escaped } from '../../records.ts'
import { itemOf } from './view.ts'

type Type = 'Patient' | 'Practitioner'

/** How `q` is understood: what is asked, of whom. */
interface Way {
  readonly types: readonly Type[]
  readonly query: Query
}

const TYPES: Readonly<Record<string, readonly Type[]>> = {
  patient: ['Patient'],
  practitioner: ['Practitioner'],
  any: ['Patient', 'Practitioner'],
}

export const listPeople: ApiOperation = {
  async handle(request) {
    const { q = '', kind = 'any', cursor } = request.query as Readonly<Record<string, string | undefined>>
    const types = TYPES[kind] ?? []
    const ways = waysToUnderstand(q.trim(), types).map(
      (way) => (rest: string | undefined) => pageOf(request, way, rest),
    )
    return ok(await firstThatFinds(ways, cursor))
  },
}

function waysToUnderstand(q: string, types: readonly Type[]): Way[] {
  const value = escaped(q)
  if (q === '') return [{ types, query: [['_sort', '-_lastUpdated']] }]
  if (q.includes('@')) return [{ types, query: [['email', value]] }]
  const born = types.filter((each) => each === 'Patient')
  if (/^\d{4}-\d{2}-\d{2}$/.test(q) && born.length > 0) return [{ types: born, query: [['birthdate', q]] }]
  const named = { types, query: q.split(/\s+/).map((word) => ['name', escaped(word)] as const) }
  if (!/\p{N}/u.test(q)) return [named]
  const byId = /^[A-Za-z0-9.-]{1,64}$/.test(q) ? [{ types, query: [['_id', q]] as Query }] : []
  return [...byId, { types, query: [['identifier', value]] }, { types, query: [['phone', value]] }, named]
}

async function pageOf({ query, records }: ApiRequest, way: Way, cursor: string | undefined): Promise<Items> {
  const { limit = 20 } = query as { readonly limit?: number }
  const asked: Query = [...way.query, ['_count', String(limit)], ['_total', 'none']]
  const { found, cursor: next } = await records.searchAmong(way.types, asked, cursor)
  return { items: found.map(itemOf), cursor: next }
}
