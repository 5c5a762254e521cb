/** `/app/add-medical-documents`: more documents of a draft. Two who append at once both do, as far as there is room. */
import { draftChange, ofCase } from '../cases.ts'
import { appendedDocuments, withDocuments } from '../documents.ts'
import type { Endpoint } from '../endpoint.ts'
import { textField } from '../fields.ts'

export const addMedicalDocuments: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle({ body, change }) {
    const key = textField(body, 'case_id')
    const documents = appendedDocuments(body)
    await change([draftChange(key, (row) => ({ ...row, medical_documents: withDocuments(row, documents) }))])
    return { message: 'Medical documents updated', data: {} }
  },
}
