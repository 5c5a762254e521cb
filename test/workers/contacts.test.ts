/** To whom a message may go, by what stands in the database just now. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Patient } from '@medplum/fhirtypes'
import { choiceIn, CHOICES } from '../../src/channels/choice.ts'
import { resumeMessages, stopMessages, stoppedMessages } from '../../src/store/message-choices.ts'
import { openContacts, showing } from '../../src/workers/contacts.ts'
import type { OpenContact } from '../../src/workers/contacts.ts'
import type { FhirServer } from '../support/fhir-server.ts'
import { startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
let contacts: ReturnType<typeof openContacts>
beforeAll(async () => {
  server = await startFhirServer()
  contacts = openContacts({ store: server.store, origin: () => 'https://clinic.example' })
})
afterAll(() => server.stop())

function patient(id: string): Patient {
  const telecom = [{ system: 'email', value: 'amal@patients.example' } as const]
  return { resourceType: 'Patient', id, telecom }
}

async function found(id: string, kind = 'digest', tenant = 'default'): Promise<readonly OpenContact[] | string> {
  return contacts({ tenant, recipient: patient(id), template: kind, language: 'en' })
}

test('each address has a link by which its owner stops what is sent', async () => {
  const open = (await found('1')) as OpenContact[]
  expect(open.map(({ code, to }) => [code, to])).toEqual([
    ['email', 'amal@patients.example'],
    ['push', 'Patient/1'],
  ])
  const token = new URL(open[0]?.unsubscribe() ?? '').pathname.slice(CHOICES.length)
  expect(choiceIn(server.store.seals, token)).toEqual({
    ...{ tenant: 'default', person: 'Patient/1', kind: 'digest', code: 'email' },
  })
})

test('what somebody stopped is not sent to them, to others it is', async () => {
  const key = { t: 'default', person: 'Patient/2', kind: 'digest', code: '*' } as const
  await Promise.all([stopMessages(server.store, key), stopMessages(server.store, key)])
  expect(await stoppedMessages(server.store, key)).toHaveLength(1)
  expect(await found('2')).toBe('they do not want such messages')
  expect(await found('2', 'report-ready')).toHaveLength(2)
  expect(await found('2', 'digest', 'other')).toHaveLength(2)
  expect(await found('1')).toHaveLength(2)
  await stopMessages(server.store, { ...key, kind: '*', code: 'email' })
  expect(await found('2', 'report-ready')).toMatchObject([{ code: 'push' }])
  await resumeMessages(server.store, { ...key, code: 'email' })
  expect(await found('2')).toHaveLength(2)
})

test('a consent counts as soon as it is written', async () => {
  expect(await found('3')).toHaveLength(2)
  await server.send('PUT', 'Patient/3', { resourceType: 'Patient', id: '3' })
  const { status } = await server.send('PUT', 'Consent/3', {
    ...{ resourceType: 'Consent', id: '3', status: 'active', patient: { reference: 'Patient/3' } },
    ...{ scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'privacy' }] },
    ...{ policyRule: { text: 'of the clinic' }, provision: { type: 'deny' } },
  })
  expect(status).toBe(201)
  expect(await found('3')).toBe('a consent denies that they are written to')
})

test('who has no address is told so', async () => {
  const recipient: Patient = { ...patient('4'), deceasedBoolean: true }
  const answer = await contacts({ tenant: 'default', recipient, template: 'digest', language: 'en' })
  expect(answer).toBe('there is no address to write to')
})

test('who may not be written to is shown nothing in an app, nor what they stopped', async () => {
  const isShown = showing({ store: server.store })
  const shown = (recipient: Patient) => isShown({ tenant: 'default', recipient, template: 'digest' })
  expect(await shown({ resourceType: 'Patient', id: '5' })).toBe(true)
  expect(await shown({ ...patient('5'), active: false })).toBe(false)
  expect(await shown(patient('3'))).toBe(false)
  await stopMessages(server.store, { t: 'default', person: 'Patient/5', kind: 'digest', code: '*' })
  expect(await shown(patient('5'))).toBe(false)
})
