/** `_id` and `_lastUpdated`: fields of the stored document, not search keys. */
import type { SearchType } from '../lookup.ts'
import { unescape } from '../query-text.ts'
import { LAST_UPDATED, lastUpdatedFilter } from './last-updated.ts'

export const ownFields: Readonly<Record<string, SearchType>> = {
  _id: {
    // As a token, an id has no system: `|1` is `1`
    find: ({ value, target }) => ({ _id: `${target.tenant}/${target.type}/${unescape(value.replace(/^\|/, ''))}` }),
    modifiers: {},
    negatable: true,
  },
  [LAST_UPDATED]: { find: ({ value, target }) => lastUpdatedFilter(value, target.now), modifiers: {} },
}
