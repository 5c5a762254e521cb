/** When practitioners are free: their hours in the clinic's time, without what is booked. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { united, without } from '../../../src/staff/api/operations/appointments/spans.ts'
import { bearer } from '../../support/callers.ts'
import type { Json, Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const WEEK = 7 * 86_400_000
/** A Tuesday to come. */
const tuesday = new Date(Math.ceil(Date.now() / WEEK) * WEEK + 5 * 86_400_000).toISOString().slice(0, 10)

let server: StaffServer
beforeAll(async () => {
  const scope = 'system/*.rs system/Appointment.cruds'
  server = await startStaffServer({
    systems: ['hms', 'qivr'],
    mappings: 'mappings',
    timeZone: 'Asia/Kolkata',
    tokens: { clinic: { scope, tenant: 'demo' }, doctors: { scope: 'system/Practitioner.rs' } },
  })
  const availability = {
    tuesday: [
      { start: '08:00', end: '12:00' },
      { start: '13:30', end: '17:00' },
    ],
  }
  await server.load({
    'qivr.tenants': [{ id: 't1', slug: 'demo', name: 'Demo', is_active: true }],
    'qivr.users': [
      { id: 'q1', tenant_id: 't1', role: 'patient', first_name: 'Q' },
      { id: 'd1', tenant_id: 't1', role: 'practitioner', first_name: 'D' },
    ],
    'qivr.practitioners': [{ id: 'p-d1', tenant_id: 't1', user_id: 'd1', availability }],
    'hms.users': [{ id: 'u1', firstName: 'Mira', lastName: 'Shah', isDeleted: false, roles: 'doctor' }],
    'hms.doctors': [
      { id: 'h1', userId: 'u1', specialization: 'ENT', isActive: true, availableSlots: { tue: ['10:00', '10:30'] } },
    ],
  })
}, 60_000)
afterAll(() => server.stop())

function free(id: string, query: string, token?: string): Promise<Reply> {
  return server.api('GET', `/practitioners/${id}/free-times?${query}`, undefined, token ? bearer(token).headers : {})
}

function times({ json }: Reply): string[] {
  return (json['items'] as unknown as Json[]).map(({ start, end }) => `${String(start)} ${String(end)}`)
}

test('are the hours of the role on that day in the time of the clinic, without what is booked then', async () => {
  const empty = await free('qivr-d1', `day=${tuesday}`, 'clinic')
  expect(empty.json).toMatchObject({ day: tuesday, timeZone: 'Asia/Kolkata', minutes: 30, hours: 'told' })
  const [morning, afternoon] = [
    `${tuesday}T02:30:00Z ${tuesday}T06:30:00Z`,
    `${tuesday}T08:00:00Z ${tuesday}T11:30:00Z`,
  ]
  expect(times(empty)).toEqual([morning, afternoon])

  const booking = { patient: 'qivr-q1', practitioner: 'qivr-d1', start: `${tuesday}T02:50:00Z`, minutes: 30 }
  const booked = await server.api('POST', '/appointments', booking, bearer('clinic').headers)
  expect(booked.status).toBe(201)
  const after = `${tuesday}T03:20:00Z ${tuesday}T06:30:00Z`
  expect(times(await free('qivr-d1', `day=${tuesday}`, 'clinic'))).toEqual([after, afternoon])
  const short = await free('qivr-d1', `day=${tuesday}&minutes=20`, 'clinic')
  expect(times(short)).toEqual([`${tuesday}T02:30:00Z ${tuesday}T02:50:00Z`, after, afternoon])
  await server.api(
    'POST',
    `/appointments/${String(booked.json['id'])}/cancel`,
    { reason: 'x', by: 'clinic' },
    bearer('clinic').headers,
  )
  expect(times(await free('qivr-d1', `day=${tuesday}`, 'clinic'))).toEqual([morning, afternoon])
})

test('are the beginnings that the source knows, where it knows no ends', async () => {
  expect(times(await free('hms-h1', `day=${tuesday}`))).toEqual([
    `${tuesday}T04:30:00Z ${tuesday}T05:00:00Z`,
    `${tuesday}T05:00:00Z ${tuesday}T05:30:00Z`,
  ])
  const day = new Date(Date.parse(tuesday) + 86_400_000).toISOString().slice(0, 10)
  expect((await free('hms-h1', `day=${day}`)).json).toMatchObject({ hours: 'told', items: [] })
})

describe('none are there', () => {
  test('of a day that is over, or a practitioner who may not be seen', async () => {
    expect(times(await free('qivr-d1', 'day=2020-01-07', 'clinic'))).toEqual([])
    expect((await free('qivr-d1', `day=${tuesday}`)).status).toBe(404)
    expect((await free('hms-h1', `day=${tuesday}`, 'doctors')).status).toBe(403)
  })

  test.each(['', 'day=soon', 'day=2026-02-30', `day=${tuesday}&minutes=1`])(
    'where it is asked so: %s',
    async (query) => {
      expect((await free('hms-h1', query)).status).toBe(400)
    },
  )
})

test('spans are united and cut', () => {
  const span = (from: number, to: number) => ({ from, to })
  expect(united([span(5, 6), span(1, 3), span(3, 4), span(9, 9)])).toEqual([span(1, 4), span(5, 6)])
  expect(without([span(0, 10)], [span(-5, 1), span(3, 4), span(9, 12)])).toEqual([span(1, 3), span(4, 9)])
  expect(without([span(0, 10)], [span(0, 10)])).toEqual([])
})
