/** `/app/add-medical-documents`: more documents of a draft. Two who append at once both do, as far as there is room. */
import { assertDraft } from '../case-fields.ts'
import { CASE, ofCase } from '../cases.ts'
import { appendedDocuments, withDocuments } from '../documents.ts'
import type { Endpoint } from '../endpoint.ts'
import { textField } from '../fields.ts'
import { noSuchCase } from '../words.ts'

export const addMedicalDocuments: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle({ body, change }) {
    const key = textField(body, 'case_id')
    const documents = appendedDocuments(body)
    await change([
      {
        mapping: CASE,
        key: [key],
        isOwners: true,
        edit(row) {
          if (!row) throw noSuchCase()
          assertDraft(row)
          return { ...row, medical_documents: withDocuments(row, documents) }
        },
      },
    ])
    return { message: 'Medical documents updated', data: {} }
  },
}
