/** One appointment as an answer, with its version and the names of who takes part. */
import type { Appointment, Resource } from '@medplum/fhirtypes'
import type { ApiAnswer, ApiRequest } from '../../operation.ts'
import { namesIn } from '../../plain.ts'
import { versionOf } from '../../records.ts'
import type { Records } from '../../records.ts'
import { appointmentView } from './view.ts'

export async function answerOf(
  { records }: Pick<ApiRequest, 'records'>,
  appointment: Appointment,
  status = 200,
  more: object = {},
): Promise<ApiAnswer> {
  const body = { ...appointmentView(appointment, namesIn(await peopleOf(records, appointment))), ...more }
  return { status, body, headers: { ETag: `W/"${versionOf(appointment)}"` } }
}

/** For their names: whoever may not see them sees ids. */
export async function peopleOf(records: Records, { id = '' }: Appointment): Promise<readonly Resource[]> {
  const query = [
    ['_id', id],
    ['_include', 'Appointment:patient'],
    ['_total', 'none'],
  ] as const
  return (await records.search('Appointment', query)).included
}
