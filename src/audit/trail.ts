/**
 * What one request did, as it goes along: handlers say what they give out or have written, and at its end there is what
 * is put on record of it. What was committed is on record by then, in the same transaction.
 */
import type { AuditAgent, AuditDocument, AuditEntities } from '../store/audit-documents.ts'
import { askedBy } from './asked.ts'
import type { Asked } from './asked.ts'
import { eventId } from './event-id.ts'
import { patientsIn } from './patients.ts'

/** A resource or version as it is stored. */
export interface Seen {
  /** `<tenant>/<Type>/<id>`, maybe with more */
  readonly _id: string
  readonly v: number
  readonly body: Buffer | string
}

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
}

/** Names in one event: of more, several are made. */
const MOST_NAMES = 2_000

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
  #isOnRecord = false

  constructor(beginning: Beginning) {
    this.#beginning = beginning
    this.#request = eventId(Date.now())
    this.#asked = askedBy(beginning.method, beginning.path)
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
    return [...this.#documents(asked, at, status, seen.length > 0 ? seen : targetOf(asked)), ...refused]
  }

  #documents(
    { kind, action }: Pick<Asked, 'kind' | 'action'>,
    at: Date,
    status: number,
    what: readonly AuditEntities[],
  ): AuditDocument[] {
    const { tenant, who } = this.#beginning
    const query = this.#query()
    return inParts(what).map((some) => ({
      _id: `${tenant}/${eventId(at.getTime())}`,
      ...{ t: tenant, at, kind, action, status, who, request: this.#request },
      ...(query !== undefined && { query }),
      ...(some.length > 0 && { what: some }),
      ...this.#why,
    }))
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

/** Of what was asked for and is not there, or not to be had. */
function targetOf({ target }: Asked): AuditEntities[] {
  const [type = '', id] = target.split('/')
  if (id === undefined) return []
  return [{ ...(type === 'Patient' && { p: [id] }), n: [target] }]
}

/** Names by whose they are. */
class Entities {
  #groups = new Map<string, { readonly p: readonly string[]; readonly n: Set<string> }>()

  get size(): number {
    return this.#groups.size
  }

  add({ _id, v, body }: Seen, before?: string): void {
    const [, type = '', id = ''] = _id.split('/')
    const now = patientsIn(type, id, body)
    const then = before === undefined ? [] : patientsIn(type, id, before)
    const p = then.length === 0 ? now : [...new Set([...now, ...then])].sort()
    const key = p.length === 1 ? (p[0] as string) : p.join(' ')
    const group = this.#groups.get(key)
    const name = `${type}/${id}/_history/${v}`
    if (group) group.n.add(name)
    else this.#groups.set(key, { p, n: new Set([name]) })
  }

  /** Once. */
  take(): AuditEntities[] {
    const groups = [...this.#groups.values()]
    if (groups.length > 0) this.#groups = new Map()
    return groups.map(({ p, n }) => ({ ...(p.length > 0 && { p }), n: [...n] }))
  }
}

/** At least one, which may hold nothing. */
function inParts(what: readonly AuditEntities[]): AuditEntities[][] {
  const parts: AuditEntities[][] = [[]]
  let room = MOST_NAMES
  for (const { n, ...whose } of what) {
    for (let start = 0; start < n.length;) {
      if (room === 0) {
        parts.push([])
        room = MOST_NAMES
      }
      const some = n.slice(start, start + room)
      parts.at(-1)?.push({ ...whose, n: some })
      start += some.length
      room -= some.length
    }
  }
  return parts
}
