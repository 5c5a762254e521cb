import { expect, test } from '@jest/globals'
import type { Patient } from '@medplum/fhirtypes'
import { loaded } from './examples.ts'

const patient = loaded.systems.flatMap(({ lenses }) => lenses).find(({ name }) => name === 'hms/patient')
const understood = (name: Patient['name']) =>
  (patient?.understand('', { resourceType: 'Patient', ...(name && { name }) }) as Patient).name

test('where no name is the official one, the first without a use is', () => {
  expect(understood([{ family: 'A' }])).toEqual([{ use: 'official', family: 'A' }])
  expect(understood([{ use: 'old', family: 'A' }, { family: 'B' }, { family: 'C' }])).toEqual([
    { use: 'old', family: 'A' },
    { use: 'official', family: 'B' },
    { family: 'C' },
  ])
})

test('names that say their use stay as they are', () => {
  for (const name of [
    [{ family: 'A' }, { use: 'official' as const, family: 'B' }],
    [{ use: 'nickname' as const, text: 'A' }],
    [],
    undefined,
  ]) {
    expect(understood(name)).toEqual(name)
  }
})

test('what was sent is not changed', () => {
  const sent = { resourceType: 'Patient' as const, name: [{ family: 'A' }] }
  patient?.understand('', sent)
  expect(sent).toEqual({ resourceType: 'Patient', name: [{ family: 'A' }] })
})
