/**
 * What staff does with an appointment that is there. Which status may follow which is said by the mapping of its source
 * (`transitions`); here is only that what is over stays over, wherever it is kept.
 */
import type { Appointment } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import { NotNextError } from '../../../../mapping/errors.ts'
import type { ApiRequest } from '../../operation.ts'
import { isOvertaken, versionOf } from '../../records.ts'
import type { Writing } from '../../records.ts'
import { statusOf } from './view.ts'

export type Stored = Appointment & { readonly id: string }
export type Edit = (current: Stored) => Stored

const FINAL = ['completed', 'cancelled', 'no-show', 'entered-in-error', 'waiting']

/** 409 when it may not become what `edit` makes of it. */
export async function changeAppointment(
  { records, version }: Pick<ApiRequest, 'records' | 'version'>,
  id: string,
  edit: Edit,
  free: Pick<Writing, 'free'> = {},
): Promise<Stored> {
  const checked: Edit = (current) => {
    assertOpen(current)
    return edit(current)
  }
  try {
    return await records.change<'Appointment'>('Appointment', id, checked, { version, ...free })
  } catch (error) {
    if (!(error instanceof GatewayError && error.cause instanceof NotNextError)) throw error
    throw new GatewayError('GW_CONFLICT', error.message, { cause: error })
  }
}

/** Made of what was looked at: whoever changes it meanwhile may mean another place, or another step. */
export async function changeSeen(
  request: Pick<ApiRequest, 'records' | 'version'>,
  seen: Stored,
  edit: Edit,
  free: Pick<Writing, 'free'> = {},
): Promise<Stored> {
  try {
    return await changeAppointment({ version: versionOf(seen), ...request }, seen.id, edit, free)
  } catch (error) {
    if (!isOvertaken(error) || request.version !== undefined) throw error
    throw new GatewayError('GW_CONFLICT', 'It was changed at this moment: look at it again.')
  }
}

export function assertOpen(current: Appointment): void {
  const status = statusOf(current)
  if (!FINAL.includes(status)) return
  const what =
    status === 'waiting' ? 'It is an entry of the waitlist: see /api/waitlist.' : `It is ${status}, which is final.`
  throw new GatewayError('GW_CONFLICT', what)
}

export function answered(current: Stored, type: string, status: 'accepted' | 'needs-action' | 'declined'): Stored {
  const participant = current.participant?.map((each) =>
    each.actor?.reference?.startsWith(`${type}/`) ? { ...each, status } : each,
  )
  return { ...current, ...(participant && { participant }) }
}
