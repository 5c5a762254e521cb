/** Acts of staff that are no changes of records, as events of the audit. */
import type { Act } from '../../audit/act.ts'
import { actEvent } from '../../audit/act.ts'
import type { AuditDocument } from '../../store/audit-documents.ts'
import { agentOf } from '../../http/on-record.ts'
import type { ApiRequest } from './operation.ts'

export function actOf(request: ApiRequest, act: Pick<Act, 'kind' | 'action' | 'query' | 'what'>): AuditDocument {
  return actEvent({ tenant: request.tenant, who: agentOf(request.caller, request.address), ...act })
}
