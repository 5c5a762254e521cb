/**
 * What one request did, as it goes along: handlers say what they give out or have written, and at its end there is what
 * is put on record of it. What was committed is on record by then, in the same transaction.
 */
import type { AuditAgent, AuditDocument, AuditEntities } from '../store/audit-documents.ts'
import { askedBy } from './asked.ts'
import type { Asked } from './asked.ts'
import { eventId } from './event-id.ts'
import { Entities, MOST_NAMES, inParts, targetOf } from './entities.ts'
import type { Seen } from './entities.ts'

/** As src/projection/operation.ts has it. */
interface Written extends Seen {
  readonly outcome: string
  readonly before?: string
}

export interface Beginning {
  readonly tenant: string
  readonly method: string
  readonly path: readonly string[]
  readonly query: readonly (readonly [string, string])[]
  readonly who: AuditAgent
  /** what it amounts to, where no address of FHIR says so */
  readonly asked?: Asked
}

/** Of v3-ActReason: break the glass. */
const EMERGENCY = 'BTG'

const CHANGES: Readonly<Record<string, Pick<Asked, 'kind' | 'action'>>> = {
  created: { kind: 'create', action: 'C' },
  updated: { kind: 'update', action: 'U' },
  deleted: { kind: 'delete', action: 'D' },
}

export class Trail {
  readonly #beginning: Beginning
  readonly #request: string
  readonly #asked: Asked
  readonly #seen = new Entities()
  readonly #refused: [Asked, number][] = []
  #why: { readonly purpose: string; readonly reason: string } | undefined
  /** patients whose record is open to who asks, in an emergency */
  #opened: readonly string[] = []
  #exported: readonly string[] = []
  #isOnRecord = false

  constructor(beginning: Beginning) {
    this.#beginning = beginning
    this.#request = eventId(Date.now())
    this.#asked = beginning.asked ?? askedBy(beginning.method, beginning.path)
  }

  /** Was something seen that is not on record yet? */
  hasMore(): boolean {
    return this.#seen.size > 0
  }

  /** Given out, or about to be. */
  saw(found: readonly Seen[]): void {
    for (const each of found) this.#seen.add(each)
  }

  /** An entry of a batch. */
  refused(method: string, path: readonly string[], status: number): void {
    this.#refused.push([askedBy(method, path), status])
  }

  /** Why it may be done, where that had to be said: a code of v3-PurposeOfUse, and words. */
  because(purpose: string, reason: string): void {
    this.#why = { purpose, reason }
  }

  /** What is given out or written of these patients (ids) from now on is so in an emergency. */
  inEmergency(patients: readonly string[]): void {
    this.#opened = patients
  }

  /** All of these patients' (ids), or everybody's (`EVERYBODY`), is given out from now on. */
  exports(patients: readonly string[]): void {
    this.#exported = patients
  }

  /** What is committed with what was written. */
  readonly recordOf = (written: readonly Written[], at: Date): readonly AuditDocument[] => {
    const changed = written.filter(({ outcome }) => outcome in CHANGES)
    const entities = new Entities()
    for (const each of changed) entities.add(each, each.before)
    const [first] = changed
    const isOneKind = changed.every(({ outcome }) => outcome === first?.outcome)
    const change = CHANGES[first?.outcome ?? '']
    const isBundle = this.#asked.kind === 'batch'
    const kind = isBundle && changed.length === 1 ? change?.kind : isBundle ? 'transaction' : this.#asked.kind
    const what = { kind: kind ?? '', action: (isOneKind && change?.action) || ('E' as const) }
    return this.#documents(what, at, 200, entities.take())
  }

  /** `written` has been committed. */
  wrote(written: readonly Written[]): void {
    if (written.some(({ outcome }) => outcome in CHANGES)) this.#isOnRecord = true
    this.saw(written.filter(({ outcome }) => outcome === 'found' || outcome === 'same'))
  }

  /** What is left to be put on record now that it is answered so; empty where it is on record. */
  end(status: number): AuditDocument[] {
    const at = new Date()
    const seen = this.#seen.take()
    const refused = this.#refused.flatMap(([asked, each]) => this.#documents(asked, at, each, targetOf(asked)))
    this.#refused.length = 0
    const isDone = status < 400
    if (isDone && this.#isOnRecord && seen.length === 0) return refused
    this.#isOnRecord = true
    const asked = this.#asked
    if (isDone && this.#exported.length > 0) return this.#exportDocuments(at, status)
    return [...this.#documents(asked, at, status, seen.length > 0 ? seen : targetOf(asked)), ...refused]
  }

  #exportDocuments(at: Date, status: number): AuditDocument[] {
    const n = targetOf(this.#asked).flatMap((each) => each.n)
    const parts = Array.from({ length: Math.ceil(this.#exported.length / MOST_NAMES) }, (_, part) =>
      this.#exported.slice(part * MOST_NAMES, (part + 1) * MOST_NAMES),
    )
    return parts.map((p) => this.#documentOf([{ p, n }], this.#asked, at, status))
  }

  #documents(
    { kind, action }: Pick<Asked, 'kind' | 'action'>,
    at: Date,
    status: number,
    what: readonly AuditEntities[],
  ): AuditDocument[] {
    const isOpened = ({ p = [] }: AuditEntities): boolean => p.some((id) => this.#opened.includes(id))
    const opened = what.filter(isOpened)
    // Of other patients it says nothing of an emergency
    const others = opened.length === 0 ? what : what.filter((each) => !isOpened(each))
    const asked = { kind, action }
    const isAny = others.length > 0 || opened.length === 0
    return [
      ...(isAny ? inParts(others).map((some) => this.#documentOf(some, asked, at, status)) : []),
      ...(opened.length > 0 ? inParts(opened) : []).map((some) => ({
        purpose: EMERGENCY,
        ...this.#documentOf(some, asked, at, status),
      })),
    ]
  }

  #documentOf(
    what: readonly AuditEntities[],
    { kind, action }: Pick<Asked, 'kind' | 'action'>,
    at: Date,
    status: number,
  ): AuditDocument {
    const { tenant, who } = this.#beginning
    const query = this.#query()
    return {
      _id: `${tenant}/${eventId(at.getTime())}`,
      ...{ t: tenant, at, kind, action, status, who, request: this.#request },
      ...(query !== undefined && { query }),
      ...(what.length > 0 && { what }),
      ...this.#why,
    }
  }

  /** Without the tokens of pages, which open them. */
  #query(): string | undefined {
    const { path, query } = this.#beginning
    if (this.#asked.kind === '$bulk-file') return path.join('/')
    const pairs = query.filter(([name]) => name !== '_page' && name !== '_format' && name !== '_pretty')
    if (pairs.length === 0) return undefined
    return `${path.join('/')}?${new URLSearchParams(pairs as [string, string][]).toString()}`
  }
}
