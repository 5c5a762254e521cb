/** `/admin/assign-doctors`: specialists are asked to review a case; who is asked already stays so. */
import { caseIn, ofCase } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import type { Body } from '../../app/fields.ts'
import { listField, textField } from '../../app/fields.ts'
import { textOf } from '../../app/second-opinions.ts'
import { badField } from '../../app/words.ts'
import { assertActiveDoctor, assignmentsOf, newAssignment } from '../assignments.ts'
import { activity, submittedCase } from '../changes.ts'

const MOST = 20

export const assignDoctors: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const doctors = doctorsIn(call.body)
    const { row } = await caseIn(call)
    const key = textOf(row, 'case_id')
    for (const [index, doctor] of doctors.entries()) await assertActiveDoctor(call, `doctors[${index}]`, doctor)
    const rows = await assignmentsOf(call, key)
    const made = doctors.flatMap((doctor) => newAssignment(rows, { caseKey: key, doctor, isCoordinator: false }) ?? [])
    const note = activity(call, key, `assign-doctors ${doctors.join(', ')}`)
    if (made.length > 0) await call.change([submittedCase(key), ...made, note])
    return { message: 'Doctors assigned', data: { case_id: key, doctors } }
  },
}

function doctorsIn(body: Body): string[] {
  const list = listField(body, 'doctors')
  if (list.length === 0 || list.length > MOST) {
    throw badField('doctors', [`must name 1 to ${MOST} doctors`, `يجب أن يتضمن من 1 إلى ${MOST} طبيبًا`])
  }
  const names = list.map((each, index) => textField({ [`doctors[${index}]`]: each }, `doctors[${index}]`))
  return [...new Set(names)]
}
