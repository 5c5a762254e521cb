import { afterAll, beforeEach, beforeAll, expect, test } from '@jest/globals'
import { decimal } from '../../../src/r4/json.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
let count = 0
let path = ''
beforeAll(async () => {
  server = await startFhirServer()
})
beforeEach(async () => {
  const id = `o${count++}`
  path = `Observation/${id}`
  const value = { value: decimal('1.00'), unit: 'kg' }
  const sent = { resourceType: 'Observation', id, status: 'preliminary', code: { text: 'x' }, valueQuantity: value }
  await server.send('PUT', path, sent)
})
afterAll(() => server.stop())

test('a patch changes what it names and leaves the digits of the rest', async () => {
  const answer = await server.send('PATCH', path, [{ op: 'replace', path: '/status', value: 'final' }])
  expect([answer.status, answer.headers.get('etag')]).toEqual([200, 'W/"2"'])
  expect(answer.text).toContain('"valueQuantity":{"value":1.00,"unit":"kg"}')
  expect((await server.get(path)).text).toBe(answer.text)
})

test('a patch that changes nothing makes no version', async () => {
  const answer = await server.send('PATCH', path, [{ op: 'test', path: '/status', value: 'preliminary' }])
  expect([answer.status, answer.headers.get('etag')]).toEqual([200, 'W/"1"'])
})

test.each([
  [
    'a test that does not hold',
    [
      { op: 'replace', path: '/status', value: 'final' },
      { op: 'test', path: '/code/text', value: 'y' },
    ],
    422,
  ],
  ['a path that is not there', [{ op: 'remove', path: '/note/0' }], 422],
  ['an unknown operation', [{ op: 'increase', path: '/status' }], 422],
  ['no list', { op: 'remove', path: '/note' }, 422],
  ['no JSON', '[{', 400],
  ['a result that is no resource of R4', [{ op: 'add', path: '/colour', value: 'red' }], 400],
  ['another id', [{ op: 'replace', path: '/id', value: 'mine' }], 400],
  ['another type', [{ op: 'replace', path: '/resourceType', value: 'Patient' }], 400],
  ['the whole document away', [{ op: 'replace', path: '', value: null }], 400],
])('%s is refused and changes nothing', async (_what, patch, status) => {
  const answer = await server.send('PATCH', path, patch)
  expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome'])
  expect(await server.methods(path)).toEqual(['POST'])
})

test.each(['application/json', 'application/merge-patch+json', 'text/plain'])(
  'a patch as %s is refused',
  async (type) => {
    const answer = await server.send('PATCH', path, [], { 'Content-Type': type })
    expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([415, 'not-supported'])
  },
)

test('what is not there cannot be patched, what is gone neither', async () => {
  const patch = [{ op: 'add', path: '/language', value: 'en' }]
  expect((await server.send('PATCH', 'Observation/never', patch)).status).toBe(404)
  expect(await server.store.resources.countDocuments({ _id: 'default/Observation/never' })).toBe(0)
  await server.send('DELETE', path)
  expect((await server.send('PATCH', path, patch)).status).toBe(410)
})

test('If-Match holds for patches', async () => {
  const patch = [{ op: 'replace', path: '/status', value: 'final' }]
  expect((await server.send('PATCH', path, patch, { 'If-Match': 'W/"2"' })).status).toBe(412)
  expect((await server.send('PATCH', path, patch, { 'If-Match': 'W/"1"' })).status).toBe(200)
})

test('many patches at once all hold', async () => {
  await server.send('PATCH', path, [{ op: 'add', path: '/note', value: [{ text: 'first' }] }])
  const texts = Array.from({ length: 12 }, (_, n) => `note ${n}`)
  const answers = await Promise.all(
    texts.map((text) => server.send('PATCH', path, [{ op: 'add', path: '/note/-', value: { text } }])),
  )
  expect(answers.map(({ status }) => status)).toEqual(texts.map(() => 200))
  const { note } = (await server.get(path)).json as unknown as { note: { text: string }[] }
  expect(note.map(({ text }) => text).sort()).toEqual(['first', ...texts].sort())
  expect(await server.methods(path)).toHaveLength(14)
})

const fhir = { 'Content-Type': 'application/fhir+json' }
const operation = (type: string, at: string, more: readonly object[] = []) => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: at }, ...more],
})
const parameters = (...parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter })
const final = operation('replace', 'Observation.status', [{ name: 'value', valueCode: 'final' }])

test('a FHIRPath Patch changes what its paths name and leaves the digits of the rest', async () => {
  const answer = await server.send('PATCH', path, parameters(final), fhir)
  expect([answer.status, answer.headers.get('etag')]).toEqual([200, 'W/"2"'])
  expect(answer.json).toMatchObject({ status: 'final' })
  expect(answer.text).toContain('"valueQuantity":{"value":1.00,"unit":"kg"}')
  const nothing = await server.send('PATCH', path, parameters(), fhir)
  expect([nothing.status, nothing.headers.get('etag')]).toEqual([200, 'W/"2"'])
})

test('a FHIRPath Patch of what a condition fits, and one that does not fit', async () => {
  const id = path.split('/')[1] ?? ''
  expect((await server.send('PATCH', `Observation?_id=${id}`, parameters(final), fhir)).json).toMatchObject({
    status: 'final',
  })
  const misfit = await server.send('PATCH', path, parameters(final, operation('delete', 'Observation.x[0')), fhir)
  expect(misfit).toMatchObject({ status: 422, json: { issue: [{ expression: ['Parameters.parameter[1]'] }] } })
  const none = await server.send('PATCH', path, { resourceType: 'Observation', status: 'final' }, fhir)
  expect(none).toMatchObject({ status: 400, json: { issue: [{ expression: ['resourceType'] }] } })
  const broken = await server.send('PATCH', path, parameters(operation('delete', 'Observation.status')), fhir)
  expect(broken).toMatchObject({ status: 400, json: { issue: [{ expression: ['Observation.status'] }] } })
  expect(await server.methods(path)).toEqual(['POST', 'PUT'])
})
