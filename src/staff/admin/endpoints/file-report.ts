/** `/admin/file-report`: what a doctor says of a case in the end. It completes the doctor's task, and stays said. */
import type { Row } from '../../../mapping/lens.ts'
import { caseIn, ofCase } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import type { Body } from '../../app/fields.ts'
import { isSent, textField } from '../../app/fields.ts'
import { textOf } from '../../app/second-opinions.ts'
import { badField, ToldError } from '../../app/words.ts'
import { activeAssignment, assignmentsOf, isFiled, TASK } from '../assignments.ts'
import { activity, submittedCase } from '../changes.ts'

const LONGEST = 100_000
const FILE = { url: 2048, key: 1024, name: 255 } as const

export const fileReport: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const doctor = textField(call.body, 'doctor')
    const report = JSON.stringify({ conclusion: textField(call.body, 'conclusion', LONGEST), ...fileIn(call.body) })
    const { row } = await caseIn(call)
    const key = textOf(row, 'case_id')
    const assignment = textOf(activeAssignment(await assignmentsOf(call, key), doctor), 'sop_id')
    const edit = (now: Row | undefined): Row | undefined => {
      if (now && isFiled(now)) throw filed()
      return now && { ...now, report }
    }
    await call.change([
      submittedCase(key),
      { mapping: TASK, key: [assignment], edit },
      activity(call, key, `file-report ${doctor}`),
    ])
    return { message: 'Report filed', data: { case_id: key, sop_id: assignment } }
  },
}

function filed(): ToldError {
  return new ToldError('GW_CONFLICT', [
    'This doctor has filed a report on this case: what was said stays said.',
    'قدّم هذا الطبيب تقريره عن هذه الحالة من قبل، ولا يمكن تغييره.',
  ])
}

function fileIn(body: Body): object {
  if (!isSent(body, 'file')) return {}
  const { file } = body
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw badField('file', ['must be an object of url, key and name', 'يجب أن يكون كائنًا فيه url وkey وname'])
  }
  const members = Object.entries(FILE).map(([name, most]): [string, string] => {
    const path = `file.${name}`
    return [name, textField({ [path]: (file as Body)[name] }, path, most)]
  })
  return Object.fromEntries(members)
}
