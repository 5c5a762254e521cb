/** Which interaction a request asks for, told by method and address (https://hl7.org/fhir/R4/http.html), and of what. */
import type { AuditAction } from '../store/audit-documents.ts'

export interface Asked {
  /** a code of http://hl7.org/fhir/restful-interaction, or an operation: `$everything` */
  readonly kind: string
  readonly action: AuditAction
  /** `Patient/1`, or a type; '' for everything */
  readonly target: string
}

const WRITES: Readonly<Record<string, readonly [string, AuditAction]>> = {
  POST: ['create', 'C'],
  PUT: ['update', 'U'],
  PATCH: ['patch', 'U'],
  DELETE: ['delete', 'D'],
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/

/** `path`: the segments under the FHIR base. */
export function askedBy(method: string, path: readonly string[]): Asked {
  const operation = path.find((each) => each.startsWith('$'))
  const target = targetIn(path)
  if (operation !== undefined) return { kind: operation, action: 'E', target }
  const [type, id, third, version] = path
  const write = WRITES[method]
  if (type === undefined) return method === 'POST' ? { kind: 'batch', action: 'E', target } : searching('system')
  if (path.at(-1) === '_search') return searching(path.length === 1 ? 'system' : 'type', target)
  if (write) return { kind: write[0], action: write[1], target }
  if (type === '_history') return { kind: 'history-system', action: 'R', target }
  if (id === '_history') return { kind: 'history-type', action: 'R', target }
  if (id === undefined) return searching('type', target)
  if (third === undefined) return { kind: 'read', action: 'R', target }
  if (third !== '_history') return searching('type', target)
  return { kind: version === undefined ? 'history-instance' : 'vread', action: 'R', target }
}

function searching(level: 'system' | 'type', target = ''): Asked {
  return { kind: `search-${level}`, action: 'E', target }
}

/** Nothing that is no name of a resource is repeated. */
function targetIn([type = '', id = '']: readonly string[]): string {
  if (!/^[A-Z][A-Za-z]{1,63}$/.test(type)) return ''
  return ID.test(id) ? `${type}/${id}` : type
}
