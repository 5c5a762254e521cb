/** Searches that few resources fit go out with others of their kind: those for keys alone, or for ids, and all others. */
import type { Document, Filter, Sort } from 'mongodb'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'
import { gathered } from './gathered.ts'
import type { FindOne } from './gathered.ts'
import { findKeyed, keyedOf } from './keyed-searches.ts'
import type { Keyed } from './keyed-searches.ts'
import type { Time } from './moment.ts'
import type { Beside } from './own-lists.ts'
import { findUnited } from './united-searches.ts'

export interface Wanted {
  readonly filter: Filter<ResourceDocument>
  readonly sort: Sort
  readonly limit: number
  /** what else may be found, and by which filter all of it is */
  readonly beside?: Beside & { whole(): Filter<ResourceDocument> }
  /** what is wanted of each document; undefined: how many there are */
  readonly projection: Readonly<Record<string, 1>> | undefined
  /** of its search keys those that begin so; undefined: all */
  readonly keys?: readonly string[]
}

/** `moment`: which one; undefined: now. */
export type SearchBatch = FindOne<Wanted, readonly Document[]>

/** Gives each command its time, and takes it back. */
type Limited = <T>(work: (time: Time) => Promise<T>) => Promise<T>

export function searchBatch(store: Store, limited: Limited): SearchBatch {
  const keyed = (): FindOne<Keyed, readonly Document[] | undefined> =>
    gathered((batch, moment) => limited((time) => findKeyed(store, batch, { ...time, moment })))
  const kinds = { ids: keyed(), keys: keyed() }
  const together: FindOne<Wanted, readonly Document[] | undefined> = gathered((batch, moment) =>
    limited((time) => findUnited(store, batch, { ...time, moment })),
  )
  const united: SearchBatch = async (wanted, moment) => {
    const answer = await together(wanted, moment)
    if (answer.found) return { found: answer.found, moment: answer.moment }
    const { beside, ...rest } = wanted
    return united({ ...rest, filter: beside?.whole() ?? rest.filter }, answer.moment)
  }
  return async (wanted, moment) => {
    const asked = keyedOf(wanted)
    if (!asked) return united(wanted, moment)
    const answer = await kinds[asked.ids ? 'ids' : 'keys'](asked, moment)
    return answer.found ? { found: answer.found, moment: answer.moment } : united(wanted, moment)
  }
}
