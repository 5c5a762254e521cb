/**
 * Sends what is due (BullMQ): takes what was handed out, looks at everything as it is now, sends, and in one commit ends it,
 * marks the source row and keeps the Communication. What a program that is killed between sending and that commit had taken
 * another sends again: the id is the same, so a channel that remembers ids takes it once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import { everythingOf } from '../access/permit.ts'
import { PATIENCE } from '../channels/paced.ts'
import { GatewayError } from '../kernel/errors.ts'
import { lasting } from '../kernel/lasting.ts'
import type { Logger } from '../kernel/logger.ts'
import { sentMessages } from '../kernel/metrics.ts'
import { LaterError } from '../outbound/failures.ts'
import { OtherMappingsError } from '../projection/in-force.ts'
import type { WriteOperation } from '../projection/operation.ts'
import type { WriteBack } from '../projection/write-back.ts'
import { commitWrites } from '../projection/write-back.ts'
import type { JobWorker, QueuePlace } from '../queue/job-queue.ts'
import { startJobWorker } from '../queue/job-queue.ts'
import type { Store } from '../store/collections.ts'
import { isPassing } from '../store/failures.ts'
import type { HandedOut, Handout, OwedEnd } from '../store/handouts.ts'
import { ClaimLostError, TAKEN, endOwed, postponeOwed, takeHandout } from '../store/handouts.ts'
import { ownerName } from '../store/owner.ts'
import { DEADLINE } from '../store/transaction.ts'
import type { Clinic, Deed, Kind, Outgoing } from './owing/kind.ts'
import type { ShowInApp } from './owing/in-app.ts'
import { endOf, givenUp, isLastTry, isPatience, keptOf, pauseAfter, toldTo, triesOf } from './owing/outcome.ts'
import type { Post } from './owing/post.ts'

/** What they read and write at the same moment goes out together: some are sent while others are written down. */
const AT_ONCE = 1_024
/** Handouts that are taken meanwhile. */
const TAKERS = 2
const BY = 'isthmus notifications'
/** Of the commit, whose message is out already. */
const MOST_COMMITS = 6
const COMMIT_PAUSE = 500
/** While so many are at work, what is sent within so many milliseconds is committed together: nobody waits for it. */
const MANY = 64
const TOGETHER = 50
/** Nothing is begun so short before it is another's that the answer would come after that. */
const HELD = TAKEN - PATIENCE

export interface SenderOptions {
  readonly store: Store
  readonly place: QueuePlace
  readonly kinds: readonly Kind[]
  readonly post: Post
  readonly showInApp: ShowInApp
  readonly clinicOf: (tenant: string) => Promise<Clinic>
  readonly writeBack: () => WriteBack
  readonly log: Logger
}

export class Sender {
  readonly #options: SenderOptions
  readonly #stopping = new AbortController()
  readonly #atWork = new PQueue({ concurrency: AT_ONCE })
  #worker: JobWorker | undefined
  #together: Promise<void> | undefined

  constructor(options: SenderOptions) {
    this.#options = options
  }

  start(): void {
    const take = (id: string, messages: readonly string[]): Promise<void> => this.#take({ id, messages })
    this.#worker ??= startJobWorker(this.#options.place, 'owed', (id, _job, names) => take(id, names), TAKERS)
  }

  /** What is on its way is finished, and what is not begun is given back. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#worker?.close()
    await this.#atWork.onIdle()
  }

  /** The job is done when all of it is begun: one message that takes long holds up no other. */
  async #take(handout: Handout): Promise<void> {
    await this.#atWork.onSizeLessThan(1)
    if (this.#stopping.signal.aborted) return
    const isHeld = lasting(HELD)
    const isOurs = (): boolean => isHeld() && !this.#stopping.signal.aborted
    for (const owed of await takeHandout(this.#options.store, ownerName(), handout)) {
      void this.#atWork.add(() => this.#work(owed, isOurs))
    }
  }

  async #work(owed: HandedOut, isOurs: () => boolean): Promise<void> {
    const { store, log } = this.#options
    try {
      if (this.#stopping.signal.aborted) await postponeOwed(store, owed, new Date(), true)
      else await this.#handle(owed, isOurs)
    } catch (error) {
      if (error instanceof ClaimLostError) return
      await this.#postpone(owed, error).catch((again: unknown) =>
        // It is called back
        log.error({ err: again, kind: owed.kind }, 'a message cannot be given back'),
      )
    }
  }

  async #handle(owed: HandedOut, isOurs: () => boolean): Promise<void> {
    const { store, kinds } = this.#options
    const kind = kinds.find(({ name }) => name === owed.kind)
    if (!kind) throw new LaterError('this program does not know messages of this kind')
    const outgoing = await kind.outgoing(owed, new Date())
    if (typeof outgoing === 'string') await endOwed(store, [endOf(owed, 'dropped', outgoing)])
    else if ('operations' in outgoing) await this.#do(owed, outgoing)
    else await this.#send(owed, outgoing, isOurs)
  }

  /** Where it cannot be done as things are now, everything is looked at again later. */
  async #do(owed: HandedOut, { operations }: Deed): Promise<void> {
    const { store, writeBack } = this.#options
    if (isLastTry(owed)) await endOwed(store, [endOf(owed, 'failed', 'it could not be done')])
    else if (operations.length === 0) await endOwed(store, [endOf(owed, 'sent')])
    else await commitWrites(writeBack(), everythingOf(owed.t), BY, operations, DEADLINE, { owed: endOf(owed, 'sent') })
  }

  async #send(owed: HandedOut, outgoing: Outgoing, isOurs: () => boolean): Promise<void> {
    try {
      const operations = await this.#sent(owed, outgoing, isOurs)
      if (this.#atWork.pending >= MANY) await this.#others()
      await this.#commit(owed, operations, endOf(owed, 'sent'))
      sentMessages.inc({ kind: owed.kind, outcome: 'sent' })
    } catch (error) {
      const end = givenUp(owed, error)
      if (!end && !isPatience(error)) await this.#tell(owed, outgoing, 'again', '')
      if (!end) throw error
      await this.#tell(owed, outgoing, 'failed', end.reason ?? '', end)
      sentMessages.inc({ kind: owed.kind, outcome: end.state })
    }
  }

  async #others(): Promise<void> {
    this.#together ??= sleep(TOGETHER).then(() => {
      this.#together = undefined
    })
    await this.#together
  }

  /** What follows from sending it. */
  async #sent(owed: HandedOut, outgoing: Outgoing, isOurs: () => boolean): Promise<WriteOperation[]> {
    const { post, showInApp, clinicOf, writeBack } = this.#options
    const { language, timeZone: zone, name: clinic, texts } = await clinicOf(owed.t)
    const { recipient, template, confidential, way } = outgoing
    const facts = { zone, ...(clinic !== undefined && { clinic }), ...outgoing.facts }
    const own = texts?.[template]
    const more = { ...(confidential && { confidential }), ...(way && { way }), ...(own && { own }) }
    const letter = { id: owed._id, tenant: owed.t, recipient, template, language, facts, ...more, isOurs }
    const shown = outgoing.isRow ? undefined : await showInApp(letter, outgoing.about)
    const posted = await post.send(letter)
    const sent = toldTo(posted, shown)
    const at = new Date()
    const changes = [...outgoing.changes('sent', at, ''), ...(shown ? [shown.change(at)] : [])]
    const { base } = writeBack().plan
    return [
      ...(changes.length > 0 ? [{ method: 'ROWS' as const, changes }] : []),
      ...keptOf(owed, outgoing, sent, { at, base }),
    ]
  }

  async #tell(
    owed: HandedOut,
    outgoing: Outgoing,
    result: 'failed' | 'again',
    reason: string,
    end?: OwedEnd,
  ): Promise<void> {
    const changes = outgoing.changes(result, new Date(), reason)
    await this.#commit(owed, changes.length > 0 ? [{ method: 'ROWS', changes }] : [], end)
  }

  /** The message is out: what follows is written as soon as that can be. */
  async #commit(owed: HandedOut, operations: readonly WriteOperation[], end?: OwedEnd): Promise<void> {
    const { store, writeBack, log } = this.#options
    let left = operations
    for (let tries = 1; ; tries++) {
      try {
        if (left.length > 0) {
          await commitWrites(writeBack(), everythingOf(owed.t), BY, left, DEADLINE, { owed: end })
        } else if (end) await endOwed(store, [end])
        return
      } catch (error) {
        if (tries === MOST_COMMITS || error instanceof ClaimLostError) throw error
        const kept = left.filter(({ method }) => method !== 'ROWS')
        if (isForGood(error) && kept.length < left.length) {
          log.warn(
            { err: error, kind: owed.kind },
            'the source row cannot be marked; what was sent is kept all the same',
          )
          left = kept
        } else await sleep(COMMIT_PAUSE * tries)
      }
    }
  }

  async #postpone(owed: HandedOut, error: unknown): Promise<void> {
    const { store, log } = this.#options
    const asked = error instanceof LaterError ? error.retryAfter : undefined
    if (asked === undefined) log.warn({ err: error, kind: owed.kind, attempt: triesOf(owed) }, 'a message waits')
    const at = new Date(Date.now() + (asked === undefined ? pauseAfter(owed) : asked * 1000))
    // To wait as long as it was told to is no failure
    await postponeOwed(store, owed, at, asked !== undefined)
  }
}

function isForGood(error: unknown): boolean {
  if (error instanceof OtherMappingsError || isPassing(error)) return false
  return error instanceof GatewayError && error.status < 500
}
