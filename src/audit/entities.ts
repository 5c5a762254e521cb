/** What an event names: resources by whose they are, in parts of a size that a document holds. */
import type { AuditEntities } from '../store/audit-documents.ts'
import type { Asked } from './asked.ts'
import { patientsIn } from '../r4/patients.ts'

/** A resource or version as it is stored. */
export interface Seen {
  /** `<tenant>/<Type>/<id>`, maybe with more */
  readonly _id: string
  readonly v: number
  readonly body: Buffer | string
}

/** Names in one event: of more, several are made. */
export const MOST_NAMES = 2_000

/** Of what was asked for and is not there, or not to be had. */
export function targetOf({ target }: Asked): AuditEntities[] {
  const [type = '', id] = target.split('/')
  if (id === undefined) return []
  return [{ ...(type === 'Patient' && { p: [id] }), n: [target] }]
}

/** Names by whose they are. */
export class Entities {
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
export function inParts(what: readonly AuditEntities[]): AuditEntities[][] {
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
