/**
 * `/admin/assign-coordinator`: of two who assign one case at once, one does, and the other is told who has it. To take a
 * case from somebody is said explicitly (`reassign`).
 */
import type { Row } from '../../../mapping/lens.ts'
import { caseIn, milestone, ofCase } from '../../app/cases.ts'
import type { Call, Endpoint } from '../../app/endpoint.ts'
import { flagField, textField } from '../../app/fields.ts'
import { isOn } from '../../app/plain.ts'
import { textOf } from '../../app/second-opinions.ts'
import { ToldError } from '../../app/words.ts'
import { assertActiveDoctor, assignmentsOf, doctorOf, endedAssignment, isOf, newAssignment } from '../assignments.ts'
import { activity, submittedCase } from '../changes.ts'

const MOST_TRIES = 5

export const assignCoordinator: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const { body } = call
    const doctor = textField(body, 'coordinator')
    const reassign = flagField(body, 'reassign')
    await assertActiveDoctor(call, 'coordinator', doctor)
    for (let tries = 1; ; tries++) {
      const found = await assign(call, doctor, reassign)
      const data = { case_id: body['case_id'], case_coordinator_id: doctor }
      if (found === 'done') return { message: 'Coordinator assigned', data }
      if (found === 'same') return { message: 'Coordinator assigned already', data }
      if (!reassign || tries === MOST_TRIES) throw await taken(call, found.holder)
    }
  },
}

type Outcome = 'done' | 'same' | { readonly holder: string }

async function assign(call: Call, doctor: string, reassign: boolean): Promise<Outcome> {
  const { row } = await caseIn(call)
  const [key, before] = [textOf(row, 'case_id'), coordinatorOf(row)]
  const rows = await assignmentsOf(call, key)
  const ended = rows.filter(
    (each) => isOn(each['active']) && isCoordinators(each) && textOf(each, 'doctor_id') !== doctor,
  )
  const made = newAssignment(rows, { caseKey: key, doctor, isCoordinator: true })
  if (before === doctor && !made && ended.length === 0) return 'same'
  if (before !== '' && before !== doctor && !reassign) return { holder: before }
  try {
    await call.change([
      submittedCase(key, (now) => {
        // Somebody was faster: what else is written would be of another moment
        if (coordinatorOf(now) !== before) throw new HolderError(coordinatorOf(now))
        return { ...now, case_coordinator_id: doctor }
      }),
      ...(made ? [made] : []),
      ...ended.map(endedAssignment),
      milestone(call, key, 'assigned'),
      activity(call, key, `${before === '' ? 'assign' : 'reassign'}-coordinator ${doctor}`),
    ])
    return 'done'
  } catch (error) {
    if (!(error instanceof HolderError)) throw error
    return error.holder === doctor ? 'same' : { holder: error.holder }
  }
}

class HolderError extends Error {
  readonly holder: string
  constructor(holder: string) {
    super('the case has another coordinator by now')
    this.holder = holder
  }
}

function coordinatorOf(row: Row): string {
  return textOf(row, 'case_coordinator_id')
}

function isCoordinators(row: Row): boolean {
  return isOf(row, { doctor: textOf(row, 'doctor_id'), isCoordinator: true })
}

async function taken(call: Call, holder: string): Promise<ToldError> {
  const doctor = await doctorOf(call, holder)
  const english = textOf(doctor, 'doctor_name_en') || holder
  const arabic = textOf(doctor, 'doctor_name_ar') || english
  return new ToldError('GW_CONFLICT', [
    `${english} (${holder}) coordinates this case already: send "reassign": true to change that.`,
    `تتولى تنسيق هذه الحالة جهة أخرى: ${arabic} (${holder})؛ أرسل "reassign": true لتغيير ذلك.`,
  ])
}
