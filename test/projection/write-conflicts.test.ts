/**
 * Several who write the same row at the same time: FHIR clients through one resource and through two, and a program with
 * the driver. Nothing that was acknowledged is lost, in either direction.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Resource, SourceServer } from '../support/source-server.ts'
import { patch, startWard } from './ward.ts'

const FOR = 3_000

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
  await ward.load({ 'ward.patients': [{ id: 'p', allergies: [] }] })
})
afterAll(() => ward.stop())

/** Does it again and again for some seconds; gives what came back each time. */
async function repeat<T>(work: (turn: number) => Promise<T>): Promise<T[]> {
  const end = Date.now() + FOR
  const results: T[] = []
  for (let turn = 1; Date.now() < end; turn++) results.push(await work(turn))
  return results
}

/** A client that writes 1, 2, 3, … to one element, and goes on when it was acknowledged. */
function counting(reference: string, path: string) {
  const statuses: number[] = []
  let acknowledged = 0
  const run = repeat(async () => {
    const { status } = await ward.send('PATCH', reference, patch(path, acknowledged + 1))
    statuses.push(status)
    if (status === 200) acknowledged++
  })
  return run.then(() => ({ acknowledged, statuses }))
}

async function versionsOf(reference: string): Promise<{ v: number; resource: Resource }[]> {
  const _id = { $gte: `default/${reference}/`, $lt: `default/${reference}/~` }
  const found = await ward.store.versions.find({ _id }).sort({ _id: 1 }).toArray()
  return found.map(({ v, body }) => ({ v, resource: JSON.parse(body) as Resource }))
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

/** The values in the order of the versions, each once where several follow that say the same. */
const steps = (values: readonly number[]): number[] => values.filter((value, index) => value !== values[index - 1])

const component = ({ component: all }: Resource, index: number): number =>
  (all as { valueQuantity: { value: number } }[])[index]?.valueQuantity.value ?? 0

test('nothing is lost of what clients and a program write to one row at once', async () => {
  const start = { pulse: 1000, temperature: 0, systolic: 1000, diastolic: 1000, secret: 0 }
  await ward.load({ 'ward.readings': [{ id: 'r', patient: 'p', taken: new Date(0), ...start, pulse: 1 }] })
  await ward.send('PATCH', 'Observation/w-r.hr', patch('/valueQuantity/value', 2))
  const row = ward.table('ward.readings')
  const program = repeat(() => row.updateOne({ id: 'r' }, { $inc: { temperature: 1, secret: 1 } }))
  const [systolic, diastolic, steered, increments] = await Promise.all([
    counting('Observation/w-r.bp', '/component/0/valueQuantity/value'),
    counting('Observation/w-r.bp', '/component/1/valueQuantity/value'),
    repeat((turn) => ward.send('PATCH', 'Observation/w-r.hr', patch('/valueQuantity/value', 2 + (turn % 300)))),
    program,
  ])
  await ward.settle()
  for (const { acknowledged, statuses } of [systolic, diastolic]) {
    expect(acknowledged).toBeGreaterThan(0)
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([])
  }
  const pulses = steered.filter(({ status }) => status === 200).map(({ json }) => valueOf(json as unknown as Resource))
  expect(pulses.length).toBeGreaterThan(0)
  expect(await row.findOne({ id: 'r' })).toMatchObject({
    systolic: systolic.acknowledged,
    diastolic: diastolic.acknowledged,
    temperature: increments.length,
    secret: increments.length,
    pulse: pulses.at(-1),
  })
  const pressure = await versionsOf('Observation/w-r.bp')
  expect(pressure.map(({ v }) => v)).toEqual(upTo(pressure.length))
  expect(steps(pressure.map(({ resource }) => component(resource, 0)))).toEqual([1000, ...upTo(systolic.acknowledged)])
  expect(steps(pressure.map(({ resource }) => component(resource, 1)))).toEqual([1000, ...upTo(diastolic.acknowledged)])
  const pulse = await versionsOf('Observation/w-r.hr')
  expect(pulse.map(({ v }) => v)).toEqual(upTo(pulse.length))
  expect(steps(pulse.map(({ resource }) => valueOf(resource)))).toEqual(steps([1, 2, ...pulses]))
  const temperature = await versionsOf('Observation/w-r.temp')
  expect(temperature.map(({ v }) => v)).toEqual(upTo(temperature.length))
  expect(valueOf(temperature.at(-1)?.resource)).toBe(increments.length)
}, 60_000)

function valueOf(resource: Resource | undefined): number {
  return (resource?.['valueQuantity'] as { value: number } | undefined)?.value ?? 0
}

test('who says which version was read never writes over another', async () => {
  await ward.load({ 'ward.readings': [{ id: 'm', patient: 'p', taken: new Date(0), temperature: 0, pulse: 1 }] })
  const reference = 'Observation/w-m.temp'
  const increment = async (): Promise<number> => {
    const read = await ward.get(reference)
    const resource = read.json as unknown as Resource
    const valueQuantity = { ...(resource['valueQuantity'] as object), value: valueOf(resource) + 1 }
    const match = { 'If-Match': read.headers.get('etag') ?? '' }
    return (await ward.send('PUT', reference, { ...resource, valueQuantity }, match)).status
  }
  const clients = await Promise.all([repeat(increment), repeat(increment), repeat(increment)])
  const statuses = clients.flat()
  const succeeded = statuses.filter((status) => status === 200).length
  expect(succeeded).toBeGreaterThan(0)
  expect(statuses.filter((status) => ![200, 409, 412].includes(status))).toEqual([])
  expect(await ward.table('ward.readings').findOne({ id: 'm' })).toMatchObject({ temperature: succeeded })
  const versions = await versionsOf(reference)
  expect(versions.map(({ resource }) => valueOf(resource))).toEqual([0, ...upTo(succeeded)])
  const current = (await ward.read(reference)).meta.versionId
  expect((await ward.send('PATCH', reference, [], { 'If-Match': `W/"${Number(current) - 1}"` })).status).toBe(412)
  // A program's change makes a version as well: who read before it is told
  await ward.table('ward.readings').updateOne({ id: 'm' }, { $inc: { temperature: 1000 } })
  const late = await ward.send('PATCH', reference, patch('/valueQuantity/value', 5), { 'If-Match': `W/"${current}"` })
  expect(late.status).toBe(412)
  expect(await ward.table('ward.readings').findOne({ id: 'm' })).toMatchObject({ temperature: succeeded + 1000 })
}, 60_000)
