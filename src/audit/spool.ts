/**
 * Where events of reads and refusals wait for the database: files in the data directory. An answer goes out when its event
 * is in the file, so it is on record also where the gateway is killed that moment; events of one turn of the event loop
 * are one `write`. A few times a second all there is goes to the database, and the files are removed. Each event is added
 * once, however often that is tried.
 *
 * What cannot be put on record is not answered: 503 while the file cannot be written, or the database has been away so long
 * that the spool is full.
 */
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError, StartError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { steadily } from '../kernel/steadily.ts'
import type { AuditDocument } from '../store/audit-documents.ts'
import { eventId } from './event-id.ts'
import type { Segment } from './segment.ts'
import { lineOf, openSegment, readSegment, segmentsIn } from './segment.ts'

export interface SpoolOptions {
  readonly folder: string
  /** this program, by a name that tells others whether it can still be alive */
  readonly owner: string
  readonly isDead: (owner: string) => boolean
  readonly mostBytes: number
  /** To the database; what is there already is left as it is. */
  readonly add: (events: readonly AuditDocument[]) => Promise<void>
  readonly log: Logger
}

const DRAIN = 200
const RETRY = 1_000
/** No segment is written to any longer: who is frozen and wakes up begins another one. */
const LONGEST = 10_000
/** Segments of who may be alive are left alone so long. */
const ABANDONED = 60_000
const AT_ONCE = 1_000
const CLOSING = 5_000
/** Segments whose events are kept in memory as well, while the database is away. */
const REMEMBERED = 3

/** `events`: what is in it, where there is room to remember that. */
interface Closed {
  readonly file: string
  readonly bytes: number
  readonly events?: readonly AuditDocument[]
}

interface Turn {
  readonly events: AuditDocument[]
  readonly written: Promise<void>
}

export class Spool {
  readonly #options: SpoolOptions
  readonly #own = new Set<string>()
  readonly #closed: Closed[] = []
  /** of the segment, so that it need not be read again */
  #recent: AuditDocument[] = []
  #turn: Turn | undefined
  #segment: Segment | undefined
  #bytes = 0
  #isFailing = false
  #looked = -Infinity
  #stopping = new AbortController()
  readonly #draining: Promise<void>

  constructor(options: SpoolOptions) {
    this.#options = options
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    } catch {
      throw new StartError(`The folder ${options.folder} for the audit cannot be made; check ISTHMUS_DATA_DIR.`)
    }
    this.#draining = this.#drainAlways()
  }

  /** Resolves when they are in the file; throws 503 when that cannot be. */
  put(events: readonly AuditDocument[]): Promise<void> {
    if (!this.#turn) {
      const gathered: AuditDocument[] = []
      const written = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#write(gathered))
      this.#turn = { events: gathered, written }
    }
    this.#turn.events.push(...events)
    return this.#turn.written
  }

  /** Can reads be put on record now? */
  isOpen(): boolean {
    return !this.#isFailing && this.#bytes < this.#options.mostBytes
  }

  /** What is not in the database by then goes there at the next start. */
  async close(): Promise<void> {
    await this.#turn?.written.catch(() => undefined)
    this.#stopping.abort()
    await this.#draining
    await Promise.race([this.#drain().catch(() => undefined), sleep(CLOSING, undefined, { ref: false })])
  }

  #write(events: readonly AuditDocument[]): void {
    this.#turn = undefined
    const { mostBytes, log } = this.#options
    if (this.#bytes >= mostBytes) throw refused()
    try {
      const text = events.map(lineOf).join('')
      this.#writable().append(text)
      this.#bytes += text.length
      this.#recent.push(...events)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) log.error({ err: error }, 'the audit cannot be written: reads are refused')
      this.#isFailing = true
      this.#retire()
      throw refused(error)
    }
  }

  #writable(): Segment {
    const { folder, owner } = this.#options
    if (this.#segment && performance.now() - this.#segment.opened > LONGEST) this.#retire()
    if (!this.#segment) {
      this.#segment = openSegment(folder, eventId(Date.now()), owner)
      this.#own.add(this.#segment.file)
    }
    return this.#segment
  }

  #retire(): void {
    const segment = this.#segment
    this.#segment = undefined
    if (!segment) return
    const events = this.#closed.length < REMEMBERED ? { events: this.#recent } : {}
    this.#recent = []
    this.#closed.push({ file: segment.file, bytes: segment.bytes, ...events })
    segment.close().catch((error: unknown) => this.#options.log.warn({ err: error }, 'the audit was not synchronised'))
  }

  #drainAlways(): Promise<void> {
    const drain = async (): Promise<void> => {
      await this.#drain()
      this.#probe()
    }
    return steadily(drain, {
      ...{ signal: this.#stopping.signal, pause: DRAIN, retry: RETRY },
      failed: (error) => this.#options.log.warn({ err: error }, 'the audit waits in its files for the database'),
    })
  }

  /** Whether it can be written again is found out here: who is not ready is asked for nothing. */
  #probe(): void {
    if (!this.#isFailing) return
    try {
      this.#writable()
      this.#isFailing = false
    } catch {
      // the next time
    }
  }

  async #drain(): Promise<void> {
    await this.#adopt()
    this.#retire()
    for (let next = this.#closed[0]; next; next = this.#closed[0]) {
      const { events } = next.events ? { events: next.events } : await readSegment(next.file)
      for (let start = 0; start < events.length; start += AT_ONCE) {
        await this.#options.add(events.slice(start, start + AT_ONCE))
      }
      await rm(next.file, { force: true })
      this.#closed.shift()
      this.#own.delete(next.file)
      this.#bytes = this.#closed.reduce((sum, { bytes }) => sum + bytes, this.#segment?.bytes ?? 0)
    }
  }

  /** What programs that were killed have left. */
  async #adopt(): Promise<void> {
    if (performance.now() - this.#looked < ABANDONED) return
    const { folder, isDead, log } = this.#options
    this.#looked = performance.now()
    for (const { file, bytes, age } of await segmentsIn(folder)) {
      if (this.#own.has(file)) continue
      const left = await readSegment(file).catch(() => undefined)
      if (!left || (age < ABANDONED && !isDead(left.owner))) continue
      log.info({ events: left.events.length }, 'events of another start of the gateway are added to the audit')
      this.#own.add(file)
      this.#closed.push({ file, bytes })
    }
  }
}

function refused(cause?: unknown): GatewayError {
  const sentence = 'Nothing is answered that cannot be put on record, and that is not possible just now; try again.'
  return new GatewayError('GW_UNAVAILABLE', sentence, { cause })
}
