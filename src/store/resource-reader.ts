/**
 * Reading resources and their versions. Reads of one turn of the event loop go out as one query (facts: the driver's
 * round trip is what a read costs, not JSON and not HTTP).
 */
import { SEEING, testsOf } from '../access/allowed.ts'
import type { Permit } from '../access/permit.ts'
import type { Deadline } from '../kernel/deadline.ts'
import { timeLimited } from '../kernel/time-limit.ts'
import type { Store } from './collections.ts'
import { atMoment } from './moment.ts'
import type { Time } from './moment.ts'
import { permittedEach } from './permit-reads.ts'
import { openedBytes, openedVersion } from './sealed-bodies.ts'
import { storedIn } from './raw.ts'
import type { Stored } from './raw.ts'
import { readRaw } from './read-command.ts'
import { searchBatch } from './search-batch.ts'
import type { SearchBatch } from './search-batch.ts'
import { content, searchReader } from './search-reader.ts'
import type { MomentReader, SearchReader } from './search-reader.ts'
import type { Moment } from './snapshot.ts'
import { versionId } from './version-id.ts'
import { resourceOf, seesResource, seesVersion, wasSeen } from './version-permit.ts'
import type { StoredVersion } from './version-reads.ts'

export interface ResourceReader extends SearchReader {
  read(permit: Permit, type: string, id: string): Promise<Stored | undefined>
  version(permit: Permit, type: string, id: string, version: number): Promise<StoredVersion | undefined>
  /** The same, for a request that must be answered by then. */
  within(deadline: Deadline): ResourceReader
  /** `time`: an earlier moment, which may have passed (MomentPassed); undefined: now. */
  atMoment<T>(time: string | undefined, work: (reader: MomentReader) => Promise<T>): Promise<T>
}

const NOTHING: ReadonlyMap<string, Stored> = new Map()
const BY_ID = { _id: 1 } as const

/** A read of one resource takes no longer than this, whichever requests share it. */
const READ = 5_000

export function resourceReader(
  store: Store,
  limits: () => Time = untilRead,
  shared: Shared = { reads: [], searches: searchBatch(store, whileRead) },
): ResourceReader {
  const { reads } = shared
  return {
    within: (deadline) => resourceReader(store, () => ({ signal: deadline.signal, maxTimeMS: deadline.left }), shared),
    read: (permit, type, id) => {
      const _id = `${permit.tenant}/${type}/${id}`
      const found = gather(store, reads, permit, _id)
      return permit.rules === 'everything'
        ? found
        : found.then((one) => one ?? readDeleted(store, permit, _id, limits()))
    },
    async version(permit, type, id, version) {
      const _id = versionId(permit, type, id, version)
      const named = { _id, t: permit.tenant }
      const [found, isOpen] = await Promise.all([
        store.versions.findOne(named, limits()),
        // In any case: what is hidden takes the time of what never was
        seesResource(store, permit, resourceOf({ _id }), limits()),
      ])
      if (!found || !isOpen || !(await seesVersion(store, permit, found, limits()))) return undefined
      return openedVersion(store, found)
    },
    atMoment: (time, work) =>
      atMoment(store, time, { limits, searches: shared.searches }, (moment) =>
        work({ ...searchReader(store, moment.reading, moment.together), time: moment.time }),
      ),
    ...searchReader(store, (read) => read(limits())),
  }
}

/** Sees what a write sees. */
export function readerAt(store: Store, place: Moment): SearchReader {
  let last: Promise<unknown> = Promise.resolve()
  return searchReader(store, (read) => {
    // The session of a transaction takes one command at a time
    const next = last.then(() => whileRead((time) => read({ ...time, ...place })))
    last = next.catch(() => undefined)
    return next
  })
}

function untilRead(): Time {
  return { signal: AbortSignal.timeout(READ), maxTimeMS: READ }
}

/** The same for what is read all the time: a signal that nobody ends stays for its five seconds, and then makes an error. */
function whileRead<T>(work: (time: Time) => Promise<T>): Promise<T> {
  return timeLimited(READ, (signal) => work({ signal, maxTimeMS: READ }))
}

/** What requests of one turn of the event loop do together. */
interface Shared {
  /** those of this turn that are not on their way: in each an id is read for one Permit only */
  readonly reads: Batch[]
  readonly searches: SearchBatch
}

interface Batch {
  /** who reads it */
  readonly wanted: Map<string, Permit>
  readonly found: Promise<ReadonlyMap<string, Stored>>
}

async function gather(store: Store, reads: Batch[], permit: Permit, id: string): Promise<Stored | undefined> {
  let batch = reads.find(({ wanted }) => (wanted.get(id) ?? permit) === permit)
  if (!batch) {
    const wanted = new Map<string, Permit>()
    const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      // All of this turn
      reads.length = 0
      return readAll(store, wanted)
    })
    reads.push((batch = { wanted, found }))
  }
  batch.wanted.set(id, permit)
  const found = (await batch.found).get(id)
  // By itself: what does not open is nobody else's matter
  return found && openedBytes(store, found)
}

async function readAll(store: Store, wanted: ReadonlyMap<string, Permit>): Promise<ReadonlyMap<string, Stored>> {
  const filter = permittedEach(wanted)
  if (!filter) return NOTHING
  const find = { find: store.resources.collectionName, filter, projection: content, hint: BY_ID }
  const command = { ...find, readConcern: { level: 'majority' } }
  const { documents } = await whileRead((time) => readRaw(store, command, time))
  return new Map((storedIn(documents) as Stored[]).map((stored) => [stored._id, stored]))
}

/** What is deleted has no search keys: it is there for who could see it as it was last. */
async function readDeleted(store: Store, permit: Permit, _id: string, limits: Time): Promise<Stored | undefined> {
  const [, type = ''] = _id.split('/')
  const tests = testsOf(permit, SEEING, type)
  // Of the type all or nothing may be seen: it would have been found
  if (tests === 'all' || tests.length === 0) return undefined
  const filter = { _id, t: permit.tenant, deleted: true }
  const deleted = store.resources.find(filter, { ...limits, projection: content, raw: true }).toArray()
  // Both in any case: what is hidden takes the time of what never was
  const [[found], isOpen] = await Promise.all([deleted, wasSeen(store, permit, _id, limits)])
  return found && isOpen ? (storedIn([found])[0] as Stored) : undefined
}
