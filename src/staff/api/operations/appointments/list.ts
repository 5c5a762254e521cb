/** Appointments of a day or a few, of a patient, of a practitioner; and one of them. */
import { clinicZone, dayAt, instantText, spanOfDays } from '../../clinic-time.ts'
import type { Span } from '../../clinic-time.ts'
import type { ApiOperation } from '../../operation.ts'
import { ok } from '../../operation.ts'
import type { Query } from '../../records.ts'
import { answerOf } from './answer.ts'
import { appointmentView } from './view.ts'

interface ListQuery {
  readonly date?: string
  readonly days?: number
  readonly patient?: string
  readonly practitioner?: string
  readonly status?: keyof typeof ASKED
  readonly order?: 'earliest' | 'latest'
  readonly limit?: number
  readonly cursor?: string
}

/** What the words of the API are in FHIR. */
const ASKED = {
  requested: [['status', 'proposed,pending']],
  scheduled: [
    ['status', 'booked'],
    ['part-status', 'needs-action,tentative'],
  ],
  confirmed: [
    ['status', 'booked'],
    ['part-status:not', 'needs-action,tentative'],
  ],
  arrived: [['status', 'arrived,checked-in']],
  completed: [['status', 'fulfilled']],
  cancelled: [['status', 'cancelled']],
  'no-show': [['status', 'noshow']],
} as const

const MILLISECOND = 1

export const listAppointments: ApiOperation = {
  async handle({ query: sent, records, lines, tenant }, parts) {
    const query = sent as ListQuery
    const timeZone = await clinicZone(parts, tenant)
    const page = await records.list('Appointment', asked(query, timeZone), query.cursor)
    const items = lines.of('appointment', page, appointmentView)
    return ok({ timeZone, items, ...(page.next !== undefined && { cursor: page.next }) })
  },
}

export const getAppointment: ApiOperation = {
  async handle(request) {
    return answerOf(request, await request.records.read('Appointment', request.path['id'] as string))
  },
}

function asked(query: ListQuery, zone: string): Query {
  const { patient, practitioner, status, order = 'earliest', limit = 20 } = query
  const span = spanOf(query, zone)
  const is = (name: string, type: string, id?: string): Query => (id === undefined ? [] : [[name, `${type}/${id}`]])
  return [
    ...is('patient', 'Patient', patient),
    ...is('practitioner', 'Practitioner', practitioner),
    ...(status ? ASKED[status] : ([['status:not', 'waitlist']] as const)),
    ...(span ? within(span) : []),
    ['_sort', order === 'latest' ? '-date' : 'date'],
    ['_include', 'Appointment:patient'],
    ['_count', String(limit)],
    ['_total', 'none'],
  ]
}

/** Whoever names no day means today; of a patient, and of what is asked for, every day. */
function spanOf({ date, days, patient, status }: ListQuery, zone: string): Span | undefined {
  if (date === undefined && (patient !== undefined || status === 'requested')) return undefined
  return spanOfDays(zone, date ?? dayAt(zone, Date.now()), days)
}

/** In words of which each is one bound of the start: the two are one range of its index. */
function within({ from, to }: Span): Query {
  return [
    ['date', `sa${instantText(from - MILLISECOND)}`],
    ['date', `lt${instantText(to)}`],
  ]
}
