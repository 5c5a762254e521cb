/**
 * Search parameters of our own, from `profiles/`: made known once, before any search key is made. A program keeps those it
 * began with; others are taken up when it is started again.
 */
import type { Config } from '../config/config.ts'
import { ownSearchParameters } from '../conformance/search-parameters.ts'
import { readWrittenDefinitions } from '../conformance/written-definitions.ts'
import { useSearchParameters } from '../r4/search-parameters.ts'

let isDone = false

export function useOwnSearchParameters({ profiles, canonicalBase, searchWords }: Config): void {
  if (isDone) return
  const own = ownSearchParameters(readWrittenDefinitions(profiles, canonicalBase))
  useSearchParameters(own, { words: searchWords })
  isDone = true
}
