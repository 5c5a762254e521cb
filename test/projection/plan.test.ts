import { expect, test } from '@jest/globals'
import { testPlan, uniqueDatabases } from './clinic.ts'

const databases = uniqueDatabases()

test('what others join or refer to comes first, tenants before everything', () => {
  const names = [...testPlan(databases).collections.values()].map(({ collection }) => collection)
  expect(names).toEqual(['tenants', 'rooms', 'people', 'accounts', 'people', 'visits'])
})

test('a collection that is only joined is known, with the columns it is found by', () => {
  const accounts = testPlan(databases).collections.get(`${databases.clinic}/accounts`)
  expect(accounts).toMatchObject({ lenses: [], joinedBy: ['id'], joinedWhole: false })
})

test('the hash of a collection changes with its own mappings only', () => {
  const before = testPlan(databases)
  const after = testPlan(databases, {
    'clinic/visit.yaml': `
mapping: clinic/visit
resource: Encounter
source: { collection: visits, alias: v }
key: v.id
rules:
  - { fhir: status, value: finished }
  - { fhir: class.code, value: IMP }
  - { fhir: subject, field: v.person, codec: reference, to: clinic/patient }
  - { fhir: length.value, field: v.minutes, codec: decimal }
`,
  })
  const changed = [...before.collections].filter(([key, { hash }]) => after.collections.get(key)?.hash !== hash)
  expect(changed.map(([, { collection }]) => collection)).toEqual(['visits'])
})
