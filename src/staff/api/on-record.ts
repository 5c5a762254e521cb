/** Acts of staff that are no changes of records, as events of the audit. */
import type { Act } from '../../audit/act.ts'
import { actEvent } from '../../audit/act.ts'
import type { AuditAgent, AuditDocument } from '../../store/audit-documents.ts'
import type { ApiRequest } from './operation.ts'

export function actOf(request: ApiRequest, act: Pick<Act, 'kind' | 'action' | 'query' | 'what'>): AuditDocument {
  return actEvent({ tenant: request.tenant, who: agentOf(request), ...act })
}

function agentOf({ caller, address }: ApiRequest): AuditAgent {
  const { credential, token, by } = caller
  const from = { ...(token !== undefined && { token }), address }
  if (!credential) return { name: by, ...from }
  const { client, user } = credential
  return {
    ...(user && { account: user.account, ...(user.person !== undefined && { person: user.person }) }),
    client,
    ...from,
  }
}
