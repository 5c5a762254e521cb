/** What must hold of rows that FHIR clients write: transitions, references, locks; times as their columns have them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Document } from 'bson'
import type { Resource, SourceServer } from '../support/source-server.ts'
import { changedColumns } from '../support/source-server.ts'
import { countAll, loadPatient, patch, startWard } from './ward.ts'
import type { PatientRows } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

const SQL_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
const idOf = ({ json }: { readonly json: object }): string => (json as { id: string }).id
const keyOf = (answer: { readonly json: object }): string => idOf(answer).replace(/^w-/, '').replace(/\..*$/, '')

const put = (resource: Resource, headers?: Record<string, string>) =>
  ward.send('PUT', `${resource.resourceType}/${resource.id}`, resource, headers)

test('a create about somebody goes where they are kept, and a joined row must be as it must', async () => {
  const { reference } = await loadPatient(ward)
  await ward.load({
    'ward.rooms': [
      { id: 7, name: 'Green', active: 1 },
      { id: 8, name: 'Shut', active: 0 },
    ],
  })
  const participants = (...actors: string[]) =>
    actors.map((actor) => ({ actor: { reference: actor }, status: 'accepted' }))
  const visit = (room: string) => ({
    resourceType: 'Appointment',
    status: 'booked',
    start: '2025-03-01T10:00:00Z',
    end: '2025-03-01T10:20:00Z',
    participant: participants(reference, room),
  })
  const answer = await ward.send('POST', 'Appointment', visit('Location/w-7'))
  expect(answer.status).toBe(201)
  expect(await ward.raw('ward.visits', { id: keyOf(answer) })).toMatchObject({
    patient: reference.replace('Patient/w-', ''),
    status: 'scheduled',
    starts: '2025-03-01 10:00:00',
    minutes: { $numberInt: '20' },
    updated: expect.stringMatching(SQL_TIME) as unknown,
  })
  for (const room of ['Location/w-8', 'Location/w-999', 'Location/other', 'Location/w-3/_history/1']) {
    const before = await countAll(ward)
    const refused = await ward.send('POST', 'Appointment', visit(room))
    expect([room, refused.status]).toEqual([room, 422])
    expect(refused.json.issue?.[0]?.expression?.[0]).toContain('Appointment.participant')
    expect(await countAll(ward)).toEqual(before)
  }
  const nobody = {
    ...visit('Location/w-7'),
    participant: [...participants(reference), { status: 'accepted', type: [{ text: 'x' }] }],
  }
  expect((await ward.send('POST', 'Appointment', nobody)).status).toBe(201)
})

describe('visits', () => {
  let rows: PatientRows
  let count = 0
  beforeAll(async () => {
    rows = await loadPatient(ward)
    await ward.load({
      'ward.rooms': [
        { id: 1, name: 'Green', active: 1 },
        { id: 2, name: 'Shut', active: 0 },
        { id: 3, name: 'Red', active: true },
      ],
    })
  })
  const visit = async (more: Document = {}): Promise<Resource> => {
    const id = `v${++count}`
    await ward.load({
      'ward.visits': [
        { id, patient: rows.id, room: 1, status: 'Scheduled', starts: '2025-03-01 10:00:00', minutes: '20', ...more },
      ],
    })
    return ward.read(`Appointment/w-${id}`)
  }
  const row = async ({ id }: Resource) => ward.raw('ward.visits', { id: id.slice(2) })

  test('a status changes along its transitions only', async () => {
    const booked = await visit()
    const refused = await put({ ...booked, status: 'fulfilled' })
    expect([refused.status, refused.json.issue?.[0]?.expression]).toEqual([422, ['Appointment.status']])
    expect(refused.json.issue?.[0]?.diagnostics).toMatch(/scheduled may become confirmed or cancelled/)
    expect((await put({ ...booked, status: 'noshow' })).status).toBe(422)
    const arrived = await put({ ...booked, status: 'arrived' })
    expect([arrived.status, (await row(booked))?.['status']]).toEqual([200, 'confirmed'])
    expect((await put({ ...booked, status: 'booked' })).status).toBe(422)
    const done = await put({ ...booked, status: 'fulfilled' })
    expect([done.status, (await row(booked))?.['status']]).toEqual([200, 'done'])
    expect((await put({ ...booked, status: 'cancelled' })).json.issue?.[0]?.diagnostics).toMatch(/done is final/)
    // A program may do what it likes
    await ward.table('ward.visits').updateOne({ id: booked.id.slice(2) }, { $set: { status: 'scheduled' } })
    await ward.settle()
    expect(await ward.read(`Appointment/${booked.id}`)).toMatchObject({ status: 'booked' })
  })

  test('a reason is stored with the status it belongs to, and refused without', async () => {
    const booked = await visit()
    const cancelationReason = { text: 'Feeling better' }
    expect((await put({ ...booked, status: 'cancelled', cancelationReason })).status).toBe(200)
    expect(await row(booked)).toMatchObject({ status: 'cancelled', reason: 'Feeling better' })
    const other = await visit()
    const answer = await put({ ...other, cancelationReason })
    expect([answer.status, answer.json.issue?.[0]?.expression?.[0]]).toEqual([
      422,
      expect.stringContaining('Appointment.cancelationReason'),
    ])
  })

  test('start and end are the columns they come from, in the form these have', async () => {
    const booked = await visit()
    const answer = await put({ ...booked, start: '2025-03-01T12:00:00+02:00', end: '2025-03-01T10:45:00Z' })
    expect(answer.status).toBe(200)
    expect(changedColumns(undefined, await row(booked))).toMatchObject({ starts: '2025-03-01 10:00:00', minutes: '45' })
    const odd = await put({ ...booked, end: '2025-03-01T10:45:30Z' })
    expect([odd.status, odd.json.issue?.[0]?.expression]).toEqual([422, ['Appointment.end']])
    const before = await put({ ...booked, end: '2025-03-01T09:45:00Z' })
    expect(before.status).toBe(422)
  })

  test('a locked row may not be changed, but sent back', async () => {
    const locked = await visit({ locked: 1 })
    expect((await put(locked)).status).toBe(200)
    const answer = await put({ ...locked, comment: 'x' })
    expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([409, 'conflict'])
    expect((await ward.send('DELETE', `Appointment/${locked.id}`)).status).toBe(409)
    expect(
      (await ward.send('PATCH', `Appointment/${(await visit({ locked: null })).id}`, patch('/comment', 'x', 'add')))
        .status,
    ).toBe(200)
  })

  test('a reference goes to a row that is there and as it must be; a display of one’s own stays while it points there', async () => {
    const booked = await visit()
    const participant = (room: string, display?: string) =>
      (booked['participant'] as { actor: { reference: string } }[]).map((each) =>
        each.actor.reference.startsWith('Location/')
          ? { ...each, actor: { reference: room, ...(display !== undefined && { display }) } }
          : each,
      )
    const moved = await put({ ...booked, participant: participant('Location/w-3') })
    expect([moved.status, (await row(booked))?.['room']]).toEqual([200, { $numberInt: '3' }])
    expect(moved.text).toContain('{"reference":"Location/w-3","display":"Red"}')
    for (const room of ['Location/w-2', 'Location/w-99', 'Location/mine']) {
      const refused = await put({ ...booked, participant: participant(room) })
      expect([room, refused.status, refused.json.issue?.[0]?.expression?.[0]]).toEqual([
        room,
        422,
        expect.stringContaining('Appointment.participant'),
      ])
    }
    expect((await row(booked))?.['room']).toEqual({ $numberInt: '3' })
    const own = await put({ ...booked, participant: participant('Location/w-3', 'the red one') })
    expect(own.text).toContain('{"reference":"Location/w-3","display":"the red one"}')
    await ward.table('ward.visits').updateOne({ id: booked.id.slice(2) }, { $set: { room: 1 } })
    await ward.settle()
    expect((await ward.get(`Appointment/${booked.id}`)).text).toContain(
      '{"reference":"Location/w-1","display":"Green"}',
    )
  })
})
