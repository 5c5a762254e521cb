/**
 * A practitioner's place: one appointment at a time. Whoever books for a practitioner waits for whoever else does (the
 * guard has the practitioner's name alone), so two that overlap never both fit, whenever each begins.
 */
import type { Free } from '../../../../http/answer.ts'
import { GatewayError } from '../../../../kernel/errors.ts'
import { MINUTE, instantText } from '../../clinic-time.ts'
import type { Span } from '../../clinic-time.ts'
import type { Records } from '../../records.ts'

export interface Place {
  readonly practitioner: string
  readonly start: number
  readonly end: number
}

/** What is asked for does not take a place, and what was called off no longer does. */
const TAKING = 'booked,arrived,checked-in,fulfilled'
/** Nothing lasts longer: what began before that is over. It keeps the search short. */
const LONGEST = 7 * 24 * 60 * MINUTE
const SECOND = 1000
/** A day has fewer of one practitioner. */
const MOST = '500'

const TAKEN = 'The practitioner is not free then.'

/** Undefined where no practitioner is named: there is no place to take. */
export function freePlace(place: Place | undefined): { readonly free?: Free } {
  if (!place) return {}
  const query = new URLSearchParams(overlapping(place)).toString()
  return { free: { name: `Appointment of Practitioner/${place.practitioner}`, query, taken: TAKEN } }
}

function overlapping({ practitioner, start, end }: Place): [string, string][] {
  return [
    ['practitioner', `Practitioner/${practitioner}`],
    ['status', TAKING],
    ['date', `sa${instantText(start - LONGEST)}`],
    ['date', `lt${instantText(end)}`],
    ['end', `gt${instantText(start)}`],
  ]
}

/** What is in the practitioner's way then, as far as who asks may see it. */
export async function takenBy(records: Records, place: Place): Promise<{ id: string; start?: string; end?: string }[]> {
  const { found } = await records.search('Appointment', [...overlapping(place), ['_sort', 'date'], ['_count', '5']])
  return found.map(({ id, start, end }) => ({ id, ...(start !== undefined && { start }), ...(end && { end }) }))
}

/** What is booked for a practitioner in some days, as far as who asks may see it. */
export async function busyIn(records: Records, practitioner: string, { from, to }: Span): Promise<Span[]> {
  const query = overlapping({ practitioner, start: from, end: to })
  const { found } = await records.search('Appointment', [...query, ['_count', MOST], ['_total', 'none']])
  return found.flatMap(({ start, end }) =>
    start === undefined || end === undefined ? [] : { from: Date.parse(start), to: Date.parse(end) },
  )
}

/** Runs a write that takes the place; who comes second is told what is there. */
export async function takePlace<T>(
  records: Records,
  place: Place | undefined,
  write: (free: { readonly free?: Free }) => Promise<T>,
): Promise<T> {
  try {
    return await write(freePlace(place))
  } catch (error) {
    const isTaken = error instanceof GatewayError && error.code === 'GW_CONFLICT' && error.message === TAKEN
    if (!isTaken || !place) throw error
    throw await takenError(records, place)
  }
}

export async function takenError(records: Records, place: Place): Promise<GatewayError> {
  const [there] = await takenBy(records, place)
  if (!there) return new GatewayError('GW_CONFLICT', `${TAKEN} Choose another time.`)
  const { id, start = '', end = '' } = there
  return new GatewayError('GW_CONFLICT', `The practitioner has ${id} from ${start} to ${end}: choose another time.`)
}

/** Sources know minutes; a place begins and ends with one. */
export function wholeMinute(text: string): number {
  const instant = Date.parse(text)
  if (instant % MINUTE === 0) return instant
  const what = instant % SECOND === 0 ? 'seconds' : 'fractions of a second'
  throw new GatewayError('GW_BAD_REQUEST', `The start has ${what}: appointments begin with a minute.`, {
    expression: 'body.start',
  })
}
