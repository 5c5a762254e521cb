/**
 * Events of subscriptions follow from versions: in the transaction of the relay, so each is written down once and its
 * number has no gap. A version is judged by what it says itself, with the rights its subscriber has just now; what these do
 * not let them see is no event.
 */
import type { ClientSession } from 'mongodb'
import type { Permit } from '../../access/permit.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { WriteBack } from '../../projection/write-back.ts'
import type { Store } from '../../store/collections.ts'
import type { VersionDocument } from '../../store/documents.ts'
import type { Change, Follower } from '../../store/outbox.ts'
import { addEvents } from '../../store/subscription-events.ts'
import type { SubscriptionDocument } from '../../store/subscription-documents.ts'
import { isAnyListening, listening, removeSubscriptions, revokeSubscription } from '../../store/subscriptions.ts'
import { VERSION_DIGITS } from '../../store/version-id.ts'
import { seenVersions } from '../../store/version-permit.ts'
import { namedVersions } from '../../store/version-reads.ts'
import type { EventTest, Step } from './events.ts'
import { eventTest } from './events.ts'
import { candidateOf } from './matcher.ts'
import type { Rights } from './rights.ts'
import { rightsOf } from './rights.ts'
import type { Topics } from './wish.ts'

export interface FollowerParts {
  readonly store: Store
  readonly topics: Topics
  readonly limits: Limits
  readonly isAuthorized: boolean
  /** with the mappings in force */
  readonly writeBack: () => WriteBack
  /** Something is to be told to these. */
  readonly wake: (ids: readonly string[]) => void
}

interface Made {
  readonly version: VersionDocument
  readonly step: Step
}

/** Tests are made anew after so many milliseconds: `ap` measures from the time they were made. */
const FRESH = 60_000

export class SubscriptionFollower implements Follower {
  readonly name = 'subscriptions'
  readonly #parts: FollowerParts
  /** Until a commit was looked at, somebody may. */
  #isAwaited = true
  readonly #tests = new Map<string, { readonly text: string; readonly test: EventTest; readonly until: number }>()

  constructor(parts: FollowerParts) {
    this.#parts = parts
  }

  isAwaited(): boolean {
    return this.#isAwaited
  }

  async follow(changes: readonly Change[], session: ClientSession): Promise<(() => void) | undefined> {
    const { store, wake } = this.#parts
    const gone = changes.filter(({ id, method }) => method === 'DELETE' && typeOf(id) === 'Subscription')
    await removeSubscriptions(
      store,
      gone.map(({ id }) => id),
      session,
    )
    const tenants = [...new Set(changes.map(({ id }) => tenantOf(id)))]
    const heard = await listening(store, tenants, session)
    this.#isAwaited = heard.length > 0 || (await isAnyListening(store, session))
    if (heard.length === 0) return undefined
    const asked = heard.map((each) => ({ subscription: each, test: this.#testOf(each) }))
    const wanted = changes.filter(({ id }) =>
      asked.some(({ subscription, test }) => subscription.t === tenantOf(id) && test.types.has(typeOf(id))),
    )
    if (wanted.length === 0) return undefined
    const made = await readSteps(store, wanted, session)
    const rights = new Map<string, Promise<Rights>>()
    const told: string[] = []
    for (const { subscription, test } of asked) {
      const own = made.filter(({ version, step }) => isEvent(subscription, test, version, step))
      if (own.length > 0 && (await this.#tell(subscription, own, rights, session))) told.push(subscription._id)
    }
    return told.length === 0 ? undefined : () => wake(told)
  }

  /** True when there is something to be sent. */
  async #tell(
    { _id, t, creator }: SubscriptionDocument,
    made: readonly Made[],
    known: Map<string, Promise<Rights>>,
    session: ClientSession,
  ): Promise<boolean> {
    const { store } = this.#parts
    const key = JSON.stringify([t, creator])
    const looked = known.get(key) ?? rightsOf(this.#parts, t, creator)
    known.set(key, looked)
    const rights = await looked
    if (typeof rights === 'string') {
      await revokeSubscription(store, _id, rights, session)
      return true
    }
    const seen = await seenOf(store, rights, made, session)
    if (seen.length === 0) return false
    const events = seen.map(({ _id: name, v, u, method }) => ({
      ...{ at: u, about: name.slice(0, name.lastIndexOf('/')), v, method },
    }))
    await addEvents(store, _id, events, session)
    return true
  }

  #testOf({ _id, t, base, wish }: SubscriptionDocument): EventTest {
    const text = JSON.stringify(wish)
    const known = this.#tests.get(_id)
    if (known?.text === text && known.until > performance.now()) return known.test
    const { topics, limits, writeBack } = this.#parts
    const topic = topics.find(({ url }) => url === wish.topic)
    // A topic that was there when it was asked for, and is no more, has no events
    const isLost = wish.topic !== undefined && !topic
    const place = { tenant: t, base, limits, writeBack: writeBack() }
    const test = isLost ? { types: new Set<string>(), isEvent: () => false } : eventTest(place, wish, topic)
    this.#tests.set(_id, { text, test, until: performance.now() + FRESH })
    return test
  }
}

function isEvent(subscription: SubscriptionDocument, test: EventTest, version: VersionDocument, step: Step): boolean {
  const { t, since, wish } = subscription
  const isOver = wish.end !== undefined && wish.end <= version.u
  return version.t === t && version.u >= since && !isOver && test.isEvent(step, version.tt.slice(t.length + 1))
}

/** In the order of the changes. Several are asked for at once by who sees everything. */
async function seenOf(
  store: Store,
  permit: Permit,
  made: readonly Made[],
  session: ClientSession,
): Promise<VersionDocument[]> {
  const versions = made.map(({ version }) => version)
  const seen = await seenVersions(store, permit, versions, { session })
  const ids = new Set(seen.map(({ _id }) => _id))
  return versions.filter(({ _id }) => ids.has(_id))
}

/** What was made, with what it replaced; what was erased since is gone. */
async function readSteps(store: Store, changes: readonly Change[], session: ClientSession): Promise<Made[]> {
  const names = changes.flatMap(({ id, v }) => [versionName(id, v), versionName(id, v - 1)])
  const found = await namedVersions(store, names, session)
  const versions = new Map(found.map((version) => [version._id, version]))
  const candidates = new Map<string, ReturnType<typeof candidateOf>>()
  const candidate = (name: string): ReturnType<typeof candidateOf> => {
    const version = versions.get(name)
    if (version && !candidates.has(name)) candidates.set(name, candidateOf(version))
    return candidates.get(name)
  }
  return changes.flatMap(({ id, v }) => {
    const version = versions.get(versionName(id, v))
    if (!version) return []
    return [{ version, step: { before: candidate(versionName(id, v - 1)), after: candidate(version._id) } }]
  })
}

function versionName(id: string, v: number): string {
  return `${id}/${String(v).padStart(VERSION_DIGITS, '0')}`
}

function tenantOf(id: string): string {
  return id.slice(0, id.indexOf('/'))
}

function typeOf(id: string): string {
  return id.split('/', 2)[1] ?? ''
}
