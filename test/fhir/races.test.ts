/** One winner under any race: of one identity there is one resource, however and by how many it is made at once. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { SourceServer } from '../support/source-server.ts'
import { patientRows, startWard } from '../projection/ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

const RACERS = 64

interface Made {
  readonly status: string
  readonly id: string | undefined
}

interface Kind {
  readonly type: string
  readonly condition: string
  readonly resource: object
}

/** One of a type that no source holds, one that becomes rows. */
const native = (value: string): Kind => ({
  type: 'Basic',
  condition: `identifier=urn:race|${value}`,
  resource: { resourceType: 'Basic', code: { text: 'x' }, identifier: [{ system: 'urn:race', value }] },
})
const mapped = (email: string): Kind => ({
  type: 'Patient',
  condition: `email=${email}`,
  resource: {
    resourceType: 'Patient',
    name: [{ use: 'official', family: 'Race', given: ['Ada'] }],
    telecom: [{ system: 'email', value: email }],
  },
})

async function alone({ type, condition, resource }: Kind): Promise<Made> {
  const { status, json } = await ward.send('POST', type, resource, { 'If-None-Exist': condition })
  return { status: String(status), id: (json as { id?: string }).id }
}

async function inBundle(kind: Kind, type: string): Promise<Made> {
  const request = { method: 'POST', url: kind.type, ifNoneExist: kind.condition }
  const { status, json } = await ward.send('POST', '', {
    ...{ resourceType: 'Bundle', type },
    entry: [{ resource: kind.resource, request }],
  })
  const entry = json.entry?.[0]
  return { status: entry?.response?.status ?? String(status), id: entry?.resource?.id }
}

const ways = [alone, (kind: Kind) => inBundle(kind, 'transaction'), (kind: Kind) => inBundle(kind, 'batch')]

function race(kind: Kind, from: readonly ((kind: Kind) => Promise<Made>)[]): Promise<Made[]> {
  return Promise.all(Array.from({ length: RACERS }, (_, n) => (from[n % from.length] as typeof alone)(kind)))
}

test.each([
  ['stored as it is, alone', native('a'), [alone]],
  ['stored as it is, alone and in bundles', native('b'), ways],
  ['that becomes rows, alone', mapped('race-a@example.org'), [alone]],
  ['that becomes rows, alone and in bundles', mapped('race-b@example.org'), ways],
])('64 at once of one identity %s: one 201, one resource', async (_what, kind, from) => {
  const made = await race(kind, from)
  const statuses = made.map(({ status }) => status)
  expect(statuses.filter((status) => status === '201')).toHaveLength(1)
  expect(statuses.filter((status) => status === '200')).toHaveLength(RACERS - 1)
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(await ward.ids(`${kind.type}?${kind.condition}`)).toEqual([made[0]?.id])
})

test('a row that the clinic’s own program writes at the same moment is found, not made again', async () => {
  for (let round = 0; round < 3; round++) {
    const email = `race-row-${round}@example.org`
    const rows = patientRows({ accounts: { email } })
    await ward.table('ward.accounts').insertOne({ ...rows.accounts })
    await ward.table('ward.patients').insertOne({ ...rows.patients })
    const made = await race(mapped(email), ways)
    expect(made.filter(({ status }) => status === '201')).toEqual([])
    await ward.settle()
    expect(await ward.ids(`Patient?email=${email}`)).toEqual([rows.reference.replace('Patient/', '')])
    expect(await ward.table('ward.accounts').countDocuments({ email })).toBe(1)
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set(['200']))
  }
})
