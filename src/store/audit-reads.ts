/** Reads audit events, newest first; none of another tenant. */
import type { Filter } from 'mongodb'
import { EVERYBODY } from './audit-documents.ts'
import type { AuditAction, AuditDocument } from './audit-documents.ts'
import type { Store } from './collections.ts'

export interface AuditQuery {
  /** id of a patient */
  readonly patient?: string | undefined
  /** account, person or client */
  readonly agent?: string | undefined
  /** `Observation/1` */
  readonly entity?: string | undefined
  readonly action?: AuditAction | undefined
  /** lowest and highest HTTP status */
  readonly status?: readonly [number, number] | undefined
  /** ids from here on, and before there */
  readonly from?: string | undefined
  readonly before?: string | undefined
  readonly limit: number
  readonly milliseconds: number
}

export function readAudit({ audit }: Store, tenant: string, query: AuditQuery): Promise<AuditDocument[]> {
  const { limit, milliseconds } = query
  return audit.find(filterOf(tenant, query), { maxTimeMS: milliseconds }).sort({ _id: -1 }).limit(limit).toArray()
}

function filterOf(tenant: string, query: AuditQuery): Filter<AuditDocument> {
  const { patient, agent, entity, action, status, from = '', before } = query
  // `0` follows `/`
  const range = { $gte: `${tenant}/${from}`, $lt: before === undefined ? `${tenant}0` : `${tenant}/${before}` }
  return {
    t: tenant,
    _id: range,
    ...(patient !== undefined && { 'what.p': { $in: [patient, EVERYBODY] } }),
    ...(agent !== undefined && { $or: ['account', 'person', 'client'].map((each) => ({ [`who.${each}`]: agent })) }),
    ...(entity !== undefined && { 'what.n': new RegExp(`^${entity.replace(/[.]/g, '\\.')}(/|$)`) }),
    ...(action && { action }),
    ...(status && { status: { $gte: status[0], $lte: status[1] } }),
  }
}
