/** The resource that an operation is asked of, with the search keys that say whose record it is in. */
import type { Found } from '../../store/search-reader.ts'
import { gone, notFound } from '../interactions/read.ts'
import type { LinkContext } from '../search/linked.ts'

export async function rootOf({ permit, reader }: LinkContext, type: string, id: string): Promise<Found> {
  const filter = { _id: `${permit.tenant}/${type}/${id}` }
  const [found] = await reader.find(permit, { filter, sort: {}, limit: 1, fields: ['k'] })
  if (!found) throw notFound(type)
  if (found.deleted) throw gone(type)
  return found
}
