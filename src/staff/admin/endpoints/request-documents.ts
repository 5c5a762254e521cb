/** `/admin/request-documents`: what a doctor of a case wants to see first; what was asked for before stays. */
import { fromJson } from '../../../mapping/field.ts'
import type { Row } from '../../../mapping/lens.ts'
import { caseIn, ofCase } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import type { Body } from '../../app/fields.ts'
import { listField, textField } from '../../app/fields.ts'
import { textOf } from '../../app/second-opinions.ts'
import { badField } from '../../app/words.ts'
import { activeAssignment, assignmentsOf, TASK } from '../assignments.ts'
import { activity, submittedCase } from '../changes.ts'

const MOST = 50
const LONGEST = 255

export const requestDocuments: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const doctor = textField(call.body, 'doctor')
    const documents = documentsIn(call.body)
    const { row } = await caseIn(call)
    const key = textOf(row, 'case_id')
    const assignment = textOf(activeAssignment(await assignmentsOf(call, key), doctor), 'sop_id')
    await call.change([
      submittedCase(key),
      { mapping: TASK, key: [assignment], edit: (now) => now && withRequested(now, documents) },
      activity(call, key, `request-documents ${doctor}`),
    ])
    return { message: 'Documents requested', data: { case_id: key, sop_id: assignment } }
  },
}

function documentsIn(body: Body): string[] {
  const list = listField(body, 'documents')
  if (list.length === 0 || list.length > MOST) {
    throw badField('documents', [`must name 1 to ${MOST} documents`, `يجب أن يتضمن من 1 إلى ${MOST} مستندًا`])
  }
  return list.map((each, index) => textField({ [`documents[${index}]`]: each }, `documents[${index}]`, LONGEST).trim())
}

function withRequested(row: Row, documents: readonly string[]): Row {
  const { requested_documents: column } = row
  const there = fromJson(column)
  const all = [...new Set([...(Array.isArray(there) ? (there as unknown[]) : []), ...documents])]
  return { ...row, requested_documents: Array.isArray(column) ? all : JSON.stringify(all) }
}
