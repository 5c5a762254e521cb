/**
 * Writes of many clients in one transaction: those that arrive while earlier ones are on their way make a wave. Its reads
 * are made at one moment, gathered and in parallel; then everything is written by a transaction at that same moment, which
 * loses when anybody else has written one of its documents since. So each write holds as if it had a transaction to itself.
 *
 * Two that write the same document, or of which one reads what the other writes, do not share a wave. What loses, or cannot
 * be done this way, gets a transaction of its own (write-back.ts).
 */
import type { ClientSession } from 'mongodb'
import type { Store } from '../store/collections.ts'
import { isPassing } from '../store/failures.ts'
import { Reads } from '../store/reads.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { openSnapshot } from '../store/snapshot.ts'
import { NotCommittedError, commitAt, sessionAt, withDeadline } from '../store/transaction.ts'
import { allWrites, applyWrites, documentsIn, isNothing, noWrites } from '../store/writes.ts'
import { OtherMappingsError } from './in-force.ts'
import type { WriteOperation, Written } from './operation.ts'
import { isSeveral } from './operation.ts'
import { runOperations } from './run-operations.ts'
import type { Commit, WriteBack } from './write-back.ts'
import { BehindError, NotTogetherError } from './write-scope.ts'
import type { WriteScope } from './write-scope.ts'

/** One that is read while another is written keeps both the gateway and the database busy. */
const MOST_WAVES = 2
const MOST_OPERATIONS = 200
const MOST_TRIES = 3

interface Waiting {
  readonly commit: Commit
  readonly isOver: () => boolean
  tries: number
  /** undefined: it must be tried alone */
  readonly resolve: (written: Written[] | undefined) => void
  readonly reject: (error: unknown) => void
}

interface Queue {
  waiting: Waiting[]
  running: number
}

interface Prepared {
  readonly waiting: Waiting
  readonly scope: WriteScope
  readonly written: Written[]
}

const queues = new WeakMap<WriteBack, Queue>()

/** Undefined when nothing was written, and it must be tried alone. */
export async function commitTogether(
  writeBack: WriteBack,
  commit: Commit,
  isOver: () => boolean,
): Promise<Written[] | undefined> {
  if (!canGoTogether(commit.operations)) return undefined
  const queue = queues.get(writeBack) ?? { waiting: [], running: 0 }
  queues.set(writeBack, queue)
  return new Promise((resolve, reject) => {
    queue.waiting.push({ commit, isOver, tries: 1, resolve, reject })
    if (queue.waiting.length === 1) setImmediate(() => startWaves(writeBack, queue))
  })
}

/** What a condition fits may be written by another operation of the same commit. */
function canGoTogether(operations: readonly WriteOperation[]): boolean {
  return (
    operations.length === 1 ||
    operations.every((each) => !('where' in each || 'unless' in each || ('references' in each && each.references)))
  )
}

function startWaves(writeBack: WriteBack, queue: Queue): void {
  while (queue.waiting.length > 0 && queue.running < MOST_WAVES) {
    const members = takeFrom(queue)
    queue.running++
    const wave = withDeadline(() => runWave(writeBack, queue, members))
    const ended = (): void => {
      queue.running--
      startWaves(writeBack, queue)
    }
    wave.then(ended, ended)
  }
}

function takeFrom(queue: Queue): Waiting[] {
  let operations = 0
  const end = queue.waiting.findIndex(({ commit }) => (operations += commit.operations.length) > MOST_OPERATIONS)
  return queue.waiting.splice(0, end === -1 ? queue.waiting.length : Math.max(1, end))
}

async function runWave(writeBack: WriteBack, queue: Queue, members: readonly Waiting[]): Promise<void> {
  const present = members.filter(({ isOver }) => !isOver())
  const session = sessionAt(writeBack.store)
  try {
    const inForce = { collection: 'meta', ids: ['mappings'] }
    const { snapshot, documents } = await openSnapshot(writeBack.store, inForce, session)
    const { mappings } = writeBack
    if (mappings !== undefined && documents.some(({ active }) => active !== mappings)) throw new OtherMappingsError()
    const prepared = await Promise.all(present.map((waiting) => prepare(writeBack, snapshot, waiting)))
    const group = apart(prepared.filter((each) => each !== undefined))
    await commitGroup(writeBack.store, session, snapshot, group.now)
    for (const { waiting } of group.later) postpone(queue, waiting)
  } catch (error) {
    for (const waiting of present) refuse(waiting, error)
  } finally {
    session.endSession().catch(() => undefined)
  }
}

async function prepare(writeBack: WriteBack, snapshot: Snapshot, waiting: Waiting): Promise<Prepared | undefined> {
  const { commit } = waiting
  const scope: WriteScope = {
    ...writeBack,
    ...commit,
    isPart: isSeveral(commit.operations),
    session: new Reads(snapshot),
    now: new Date(),
    writes: noWrites(),
    leans: new Set(),
    answers: new Set(),
  }
  try {
    return { waiting, scope, written: await runOperations(scope, writeBack.routing, commit.operations) }
  } catch (error) {
    refuse(waiting, error)
    return undefined
  }
}

function refuse({ resolve, reject }: Waiting, error: unknown): void {
  const isAlones = error instanceof BehindError || error instanceof NotTogetherError || isPassing(error)
  if (isAlones) resolve(undefined)
  else reject(error)
}

/** In the order they came: what stands in the way of an earlier one waits for the next wave, and finds it done. */
function apart(prepared: readonly Prepared[]): { readonly now: Prepared[]; readonly later: Prepared[] } {
  const [documents, leans, answers] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const now: Prepared[] = []
  const later: Prepared[] = []
  for (const each of prepared) {
    const { scope } = each
    const own = new Set(documentsIn(scope.writes))
    if (own.isDisjointFrom(documents) && scope.leans.isDisjointFrom(answers) && scope.answers.isDisjointFrom(leans)) {
      now.push(each)
      for (const name of own) documents.add(name)
      for (const name of scope.leans) leans.add(name)
      for (const name of scope.answers) answers.add(name)
    } else later.push(each)
  }
  return { now, later }
}

function postpone(queue: Queue, waiting: Waiting): void {
  waiting.commit.changed.clear()
  if (waiting.tries++ < MOST_TRIES) queue.waiting.push(waiting)
  else waiting.resolve(undefined)
}

async function commitGroup(
  store: Store,
  session: ClientSession,
  { moment }: Snapshot,
  group: readonly Prepared[],
): Promise<void> {
  const isOver = (): boolean => group.some(({ waiting }) => waiting.isOver())
  const writes = allWrites(group.map(({ scope }) => scope.writes))
  try {
    if (!isNothing(writes)) {
      await commitAt(session, moment, async () => {
        await applyWrites(store, writes, session)
        // Who was told that it took too long must not find it done
        if (isOver()) throw new DOMException('The time of a write was over.', 'TimeoutError')
      })
    }
    for (const { waiting, written } of group) waiting.resolve(written)
  } catch (error) {
    for (const { waiting } of group) {
      // Which of them lost is not known: none needs to hold its rows for that
      if (group.length > 1) waiting.commit.changed.clear()
      if (error instanceof NotCommittedError) waiting.resolve(undefined)
      else waiting.reject(error)
    }
  }
}
