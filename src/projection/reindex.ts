/**
 * Search parameters that are new or changed: the keys of every resource of their type are made again, a batch a turn,
 * by the worker that projects. Until the last one is done searches by these parameters are refused; all others go on.
 *
 * A batch says how far it came, so a killed worker goes on where it stopped. Resources that are written meanwhile have the
 * new keys: a type is gone over only while every program that writes knows the same parameters (src/store/writers.ts).
 */
import { searchBuilding } from '../kernel/metrics.ts'
import { hashOfAll, parameterHashes } from '../r4/parameter-hashes.ts'
import type { IndexingDocument } from '../store/documents.ts'
import {
  advanceBuilding,
  beginIndexing,
  finishBuilding,
  missingOf,
  readEpoch,
  readIndexing,
  sayWaiting,
  startBuilding,
} from '../store/indexing.ts'
import { countOfType, nextOfType, renewKeys } from '../store/renewed-keys.ts'
import { othersDiffer } from '../store/writers.ts'
import type { Leader } from './commit.ts'
import { isOwnerDead } from '../store/owner.ts'

const BATCH = 200

export class Reindex {
  readonly #leader: Pick<Leader, 'store' | 'log'>
  /** types that have something to build */
  #types: string[] = []
  #epoch = -1

  constructor(leader: Pick<Leader, 'store' | 'log'>) {
    this.#leader = leader
  }

  /** What there is to do: at the start, and now and then, since another program may have begun or ended. */
  async look(): Promise<void> {
    const { store } = this.#leader
    const epoch = await readEpoch(store)
    if (this.#types.length > 0 || epoch === this.#epoch) return
    const hashes = parameterHashes()
    const documents = await readIndexing(store)
    const missing = missingOf(hashes, documents)
    if (missing.size > 0) await beginIndexing(store, new Map([...missing.keys()].map((type) => [type, {}])))
    this.#types = [...missing.keys()]
    searchBuilding.reset()
    for (const type of missing.keys()) searchBuilding.set({ type }, 1)
    this.#epoch = epoch
  }

  /** One batch; false when there was nothing to do, or nothing yet. */
  async step(): Promise<boolean> {
    const type = this.#types.shift()
    if (type === undefined) return false
    const state = await this.#stepType(type)
    if (state === 'busy') this.#types.unshift(type)
    // Another type need not wait
    if (state === 'waiting') this.#types.push(type)
    return state !== 'waiting'
  }

  async #stepType(type: string): Promise<'busy' | 'waiting' | 'done'> {
    const { store } = this.#leader
    const own = parameterHashes().get(type) ?? {}
    const document = await store.indexing.findOne({ _id: type })
    const wanted = Object.fromEntries(Object.entries(own).filter(([code, hash]) => document?.ready[code] !== hash))
    if (!document || Object.keys(wanted).length === 0) return finished(type)
    if (!isSame(document.building, wanted)) {
      await startBuilding(store, document, wanted, await countOfType(store, type))
      return 'busy'
    }
    if (document.after === '' && (await this.#waits(document, hashOfAll(own)))) return 'waiting'
    return this.#build(document)
  }

  async #waits(document: IndexingDocument, hash: string): Promise<boolean> {
    const { store } = this.#leader
    const waits = await othersDiffer(store, document._id, hash, isOwnerDead)
    if (waits !== (document.waits ?? false)) await sayWaiting(store, document, waits)
    return waits
  }

  async #build(document: IndexingDocument): Promise<'busy' | 'done'> {
    const { store, log } = this.#leader
    const { _id: type, after } = document
    const found = await nextOfType(store, type, after, BATCH)
    const last = found.at(-1)
    if (last) {
      await renewKeys(store, found)
      const done = document.done + found.length
      await advanceBuilding(store, document, { after: last._id, done })
      searchBuilding.set({ type }, Math.max(0, 1 - done / Math.max(1, document.total)))
      return 'busy'
    }
    if (!(await finishBuilding(store, document))) return 'busy'
    log.info({ count: document.done }, 'search parameters are built')
    return finished(type)
  }
}

function finished(type: string): 'done' {
  searchBuilding.remove({ type })
  return 'done'
}

function isSame(some: IndexingDocument['building'] = {}, others: IndexingDocument['ready']): boolean {
  const codes = Object.keys(others)
  return codes.length === Object.keys(some).length && codes.every((code) => some[code] === others[code])
}
