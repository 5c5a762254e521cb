/** A filter with the resources named that changed in a span of time: the index of `_id` then leads to what fits. */
import type { TimeSpan } from '../../store/time-walk.ts'
import type { LinkContext } from './linked.ts'
import type { Filter } from './lookup.ts'

/** Undefined when there are more than `limit` changes. */
export async function narrowed(
  { permit, reader }: Pick<LinkContext, 'permit' | 'reader'>,
  types: readonly string[],
  filter: Filter,
  span: TimeSpan,
  limit: number,
): Promise<Filter | undefined> {
  const ids = await reader.changed(permit, types, span, limit)
  return ids && { $and: [filter, { _id: { $in: ids } }] }
}
