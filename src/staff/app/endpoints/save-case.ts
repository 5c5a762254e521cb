/** `/app/save-case`: a new case of whoever asks, as a draft or submitted. */
import { randomUUID } from 'node:crypto'
import { caseFields } from '../case-fields.ts'
import { CASE, milestone } from '../cases.ts'
import type { Endpoint } from '../endpoint.ts'

export const saveCase: Endpoint = {
  asked: () => ({ kind: 'create', action: 'C', target: 'ServiceRequest' }),
  async handle(call) {
    const { user, body, change } = call
    const { columns, documents, status } = caseFields(body)
    const key = randomUUID()
    const edit = () => ({
      ...{ medical_history: null, reject_reason: null, case_coordinator_id: null },
      ...columns,
      user_id: user,
      ...(documents && { medical_documents: documents(undefined) }),
    })
    await change([{ mapping: CASE, key: [key], isOwners: true, edit }, milestone(call, key, status)])
    return { message: 'Case saved', data: { case_id: key } }
  },
}
