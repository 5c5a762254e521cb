/** An act that is no request of FHIR, as an event: a command of the operator, a sign-in. */
import type { AuditAction, AuditAgent, AuditDocument, AuditEntities } from '../store/audit-documents.ts'
import { eventId } from './event-id.ts'

export interface Act {
  readonly tenant: string
  /** a name of src/audit/event.ts: `token` */
  readonly kind: string
  readonly action: AuditAction
  readonly who: AuditAgent
  readonly status?: number
  readonly what?: readonly AuditEntities[]
  /** what it was about, in words: no secrets */
  readonly query?: string
}

export function actEvent({ tenant, kind, action, who, status = 200, what, query }: Act): AuditDocument {
  const at = new Date()
  const id = eventId(at.getTime())
  return {
    ...{ _id: `${tenant}/${id}`, t: tenant, at, kind, action, status, who, request: id },
    ...(query !== undefined && { query }),
    ...(what && { what }),
  }
}
