/** `second_opinions`: who was asked to do what for a case, one row each time. */
import { hash } from 'node:crypto'
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import { uriKey } from '../../r4/keys/text.ts'
import { findMapped } from '../../store/mapped-rows.ts'
import type { Call } from '../app/endpoint.ts'
import { isOn, plain } from '../app/plain.ts'
import { textOf } from '../app/second-opinions.ts'
import { badField, ToldError } from '../app/words.ts'

export const TASK = 'sop/task'

/** Of one case; more than these are never asked. */
const MOST = 500

export async function assignmentsOf({ permit, store, source, deadline }: Call, key: string): Promise<Row[]> {
  const filter = { k: uriKey('focus', `ServiceRequest/${source.idOf(key)}`) }
  const found = await findMapped(store, permit, source.place(TASK), { filter, limit: MOST }, deadline)
  return found.map(({ row }) => row).filter((row) => textOf(row, 'case_id') === key)
}

export interface Assignment {
  readonly caseKey: string
  readonly doctor: string
  readonly isCoordinator: boolean
}

export function isOf(row: Row, { doctor, isCoordinator }: Omit<Assignment, 'caseKey'>): boolean {
  return textOf(row, 'doctor_id') === doctor && isOn(row['is_coordinator']) === isCoordinator
}

/** Undefined where it is there. Two who make it at once make the same row. */
export function newAssignment(rows: readonly Row[], assignment: Assignment): RowChange | undefined {
  const own = rows.filter((row) => isOf(row, assignment))
  if (own.some((row) => isOn(row['active']))) return undefined
  const { caseKey: case_id, doctor: doctor_id, isCoordinator } = assignment
  const is_coordinator = isCoordinator ? 1 : 0
  const key = uuidOf([case_id, doctor_id, is_coordinator, own.length].join('/'))
  return { mapping: TASK, key: [key], edit: (row) => row ?? { case_id, doctor_id, is_coordinator, active: 1 } }
}

/** It stays in the history of the case. */
export function endedAssignment(row: Row): RowChange {
  const edit = (current: Row | undefined): Row | undefined =>
    current && { ...current, active: typeof current['active'] === 'boolean' ? false : 0 }
  return { mapping: TASK, key: [textOf(row, 'sop_id')], edit }
}

/** A report is no empty one, in whichever form the column has it. */
export function isFiled({ report }: Row): boolean {
  const text = plain(report)
  return text !== null && !['null', '{}', '[]'].includes(typeof text === 'string' ? text.trim() : JSON.stringify(text))
}

/** Version 8 of RFC 9562: of a name. */
function uuidOf(name: string): string {
  const hex = hash('sha256', name)
  const variant = ((parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}

/** Undefined: there is none. */
export async function doctorOf({ permit, store, source, deadline }: Call, key: string): Promise<Row | undefined> {
  const place = source.place('sop/practitioner')
  const filter = { _id: `${permit.tenant}/${place.type}/${source.idOf(key)}` }
  const [found] = await findMapped(store, permit, place, { filter, limit: 1 }, deadline)
  return found?.row
}

export async function assertActiveDoctor(call: Call, field: string, key: string): Promise<void> {
  const row = await doctorOf(call, key)
  if (row && isOn(row['active'])) return
  throw badField(field, ['must be the key of an active doctor', 'يجب أن يكون معرّف طبيب متاح'])
}

/** The one that is at work; the review of a specialist before a coordinator's. */
export function activeAssignment(rows: readonly Row[], doctor: string): Row {
  const own = rows.filter((row) => isOn(row['active']) && textOf(row, 'doctor_id') === doctor)
  const found = own.find((row) => !isOn(row['is_coordinator'])) ?? own[0]
  if (found) return found
  throw new ToldError('GW_NOT_FOUND', ['This doctor is not assigned to this case.', 'هذا الطبيب غير مكلّف بهذه الحالة.'])
}
