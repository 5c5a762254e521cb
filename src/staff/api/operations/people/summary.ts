/** One person: of a patient with what comes next and what is open, of a practitioner with what they are there for. */
import { GatewayError } from '../../../../kernel/errors.ts'
import { findOne, itemsOf, itemWith } from '../../kind.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { idIn, namedOf, textOf } from '../../plain.ts'
import { withReports } from '../cases/reports.ts'
import { cases } from '../cases/view.ts'
import { patients, practitioners } from './view.ts'

const SOON = 5
const OPEN_CASES = 10

export const getPerson: ApiOperation = {
  async handle(request) {
    const person = await findOne(patients, request, request.path['id'] as string)
    const [nextAppointments, openCases] = await Promise.all([
      ifAllowed(appointmentsOf(request, person.id)),
      ifAllowed(casesOf(request, person.id)),
    ])
    const whole = { ...person, ...{ nextAppointments, openCases } }
    return itemWith(whole)
  },
}

export const getPractitioner: ApiOperation = {
  async handle(request) {
    const person = await findOne(practitioners, request, request.path['id'] as string)
    const whole = { ...person, specialties: await ifAllowed(specialtiesOf(request, person.id)) }
    return itemWith(whole)
  },
}

/** A part that the caller may not ask for is left out; the rest is shown. */
async function ifAllowed<T>(part: Promise<T>): Promise<T | undefined> {
  try {
    return await part
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'GW_INSUFFICIENT_SCOPE') return undefined
    throw error
  }
}

async function appointmentsOf({ records }: ApiRequest, id: string): Promise<object[]> {
  const { found } = await records.search('Appointment', [
    ['patient', `Patient/${id}`],
    ['date', `ge${new Date().toISOString()}`],
    ['status', 'proposed,pending,booked'],
    ['_sort', 'date'],
    ['_count', String(SOON)],
    ['_total', 'none'],
  ])
  return found.map(({ id: appointment, start, minutesDuration, participant, description }) => {
    const doctor = participant?.find(({ actor }) => actor?.reference?.startsWith('Practitioner/'))?.actor
    const practitioner = namedOf(doctor, () => undefined)
    return { id: appointment, start, minutes: minutesDuration, practitioner, reason: description }
  })
}

async function casesOf(request: ApiRequest, id: string): Promise<object[]> {
  const { items } = await itemsOf(cases, { ...request, query: { limit: OPEN_CASES } }, [
    ['patient', `Patient/${id}`],
    ['status', 'draft,active'],
  ])
  return withReports(request, items)
}

async function specialtiesOf({ records }: ApiRequest, id: string): Promise<string[]> {
  const { found } = await records.search('PractitionerRole', [
    ['practitioner', `Practitioner/${id}`],
    ['_count', '100'],
    ['_total', 'none'],
  ])
  const texts = found
    .filter(({ practitioner }) => idIn(practitioner) === id)
    .flatMap(({ specialty = [] }) => specialty.flatMap((each) => textOf(each) ?? []))
  return [...new Set(texts)]
}
