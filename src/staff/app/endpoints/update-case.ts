/** `/app/update-case`: a draft written anew, and maybe submitted. Documents that nothing is said of stay. */
import { caseFields } from '../case-fields.ts'
import { draftChange, milestone, ofCase } from '../cases.ts'
import type { Endpoint } from '../endpoint.ts'
import { textField } from '../fields.ts'

export const updateCase: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const { body, change } = call
    const key = textField(body, 'case_id')
    const { columns, documents, status } = caseFields(body)
    await change([
      draftChange(key, (row) => {
        const { medical_documents: before } = row
        return { ...row, ...columns, ...(documents && { medical_documents: documents(before) }) }
      }),
      milestone(call, key, status),
    ])
    return { message: 'Case updated', data: { case_id: key } }
  },
}
