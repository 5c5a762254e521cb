/** Exact JSON end to end: what was sent comes back token for token, or is refused with the element. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type FhirServer, startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const URL = 'http://example.org/x'
const basic = (...extension: string[]) =>
  `{"resourceType":"Basic","code":{"text":"exact"},"extension":[${extension.join(',')}]}`
const decimal = (digits: string) => `{"url":"${URL}","valueDecimal":${digits}}`
const extensionsIn = (text: string): string | undefined => /"extension":(\[.*?\])\}/s.exec(text)?.[1]

const idOf = (resource: object): string => (resource as { id: string }).id

const DIGITS = [
  ...['1.00', '0.10', '-0.0', '-0', '100', '1e2', '1E+2', '1e-7', '1e400', '-1e400', '0e0', '5E-324'],
  ...['1234567890123456789012345678901234567890', '0.1234567890123456789012345678901234567890', '9007199254740993'],
]

test('decimals keep their digits in create, read, search, history, bundle, update and patch', async () => {
  const sent = basic(...DIGITS.map(decimal))
  const wanted = `[${DIGITS.map(decimal).join(',')}]`
  const created = await server.send('POST', 'Basic', sent)
  expect([created.status, extensionsIn(created.text)]).toEqual([201, wanted])
  const id = idOf(created.json)
  const paths = [`Basic/${id}`, `Basic?_id=${id}`, `Basic/${id}/_history`, `Basic/${id}/_history/1`]
  for (const path of paths) expect((await server.get(path)).text).toContain(wanted)
  expect((await server.get(`Basic/${id}?_pretty=true`)).text).toContain('"valueDecimal": 1e400')
  for (const type of ['transaction', 'batch']) {
    const entry = `{"resource":${sent},"request":{"method":"POST","url":"Basic"}}`
    const bundle = await server.send('POST', '', `{"resourceType":"Bundle","type":"${type}","entry":[${entry}]}`)
    expect(bundle.text).toContain(wanted)
  }
  const patched = await server.send('PATCH', `Basic/${id}`, `[{"op":"add","path":"/language","value":"en"}]`)
  expect([patched.status, patched.text.includes(wanted)]).toEqual([200, true])
  const put = await server.send('PUT', `Basic/${id}`, sent.replace('{', `{"id":"${id}",`))
  expect([put.status, put.text.includes(wanted)]).toEqual([200, true])
})

test('numbers that search keys are made of keep their digits too, however large', async () => {
  const value = (digits: string) =>
    `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${digits},"unit":"kg"}}`
  for (const digits of DIGITS) {
    const answer = await server.send('POST', 'Observation', value(digits))
    expect([answer.status, digits, answer.text.includes(`"valueQuantity":{"value":${digits},"unit":"kg"}`)]).toEqual([
      ...[201, digits, true],
    ])
  }
})

test.each([
  ['a key twice', '{"resourceType":"Basic","code":{"text":"a","text":"b"}}', 'Basic.code.text'],
  ['a key twice at the top', '{"resourceType":"Basic","language":"en","language":"de"}', 'Basic.language'],
  ['half of a surrogate pair', '{"resourceType":"Basic","code":{"text":"\\ud83d"}}', 'Basic.code.text'],
  ['NUL', '{"resourceType":"Basic","code":{"text":"a\\u0000"}}', 'Basic.code.text'],
  ['__proto__', '{"resourceType":"Basic","code":{"__proto__":{"text":"a"}}}', 'Basic.code.__proto__'],
  [
    'a plus',
    '{"resourceType":"Basic","extension":[{"url":"http://x","valueDecimal":+1}]}',
    'Basic.extension[0].valueDecimal',
  ],
  [
    'a leading zero',
    '{"resourceType":"Basic","extension":[{"url":"http://x","valueDecimal":01}]}',
    'Basic.extension[0]',
  ],
  [
    'NaN',
    '{"resourceType":"Basic","extension":[{"url":"http://x","valueDecimal":NaN}]}',
    'Basic.extension[0].valueDecimal',
  ],
  ['a comment', '{"resourceType":"Basic",/* x */"code":{"text":"a"}}', 'Basic'],
  ['no end', '{"resourceType":"Basic","code":{"text":"a"', 'Basic.code'],
  ['more after the end', '{"resourceType":"Basic","code":{"text":"a"}} x', undefined],
  ['30 February', '{"resourceType":"Patient","birthDate":"2024-02-30"}', 'Patient.birthDate'],
  ['29 February of no leap year', '{"resourceType":"Patient","birthDate":"2023-02-29"}', 'Patient.birthDate'],
  ['24:00', '{"resourceType":"Patient","deceasedDateTime":"2024-02-03T24:00:00Z"}', 'Patient.deceasedDateTime'],
  [
    'a time without zone',
    '{"resourceType":"Patient","deceasedDateTime":"2024-02-03T10:00:00"}',
    'Patient.deceasedDateTime',
  ],
  ['a number as text', '{"resourceType":"Patient","multipleBirthInteger":"2"}', 'Patient.multipleBirthInteger'],
  ['an integer with digits', '{"resourceType":"Patient","multipleBirthInteger":2.0}', 'Patient.multipleBirthInteger'],
])('%s is refused where it stands', async (_what, body, expression) => {
  const type = body.includes('"Patient"') ? 'Patient' : 'Basic'
  const { status, json } = await server.send('POST', type, body)
  expect([status, json.resourceType]).toEqual([400, 'OperationOutcome'])
  if (expression !== undefined) expect(json.issue?.[0]?.expression).toEqual([expression])
})

test('64 levels are read, more are refused and none overflows', async () => {
  const nested = (depth: number) => '{"extension":['.repeat(depth) + ']}'.repeat(depth)
  for (const depth of [40, 100_000]) {
    const { status, json } = await server.send('POST', 'Basic', nested(depth))
    expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining('64 levels')])
  }
})

test('a leap second is kept as it was written', async () => {
  const sent = '{"resourceType":"Patient","deceasedDateTime":"2016-12-31T23:59:60Z"}'
  const { status, text } = await server.send('POST', 'Patient', sent)
  expect([status, text.includes('2016-12-31T23:59:60Z')]).toEqual([201, true])
})

test('whatever is a number or a text of JSON comes back as it was, or is refused', async () => {
  const digits = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(fc.constant('0'), fc.bigInt({ min: 1n, max: 10n ** 45n }).map(String)),
      fc.option(fc.stringMatching(/^\d{1,45}$/), { nil: undefined }),
      fc.option(fc.stringMatching(/^[eE][+-]?\d{1,3}$/), { nil: undefined }),
    )
    .map(([sign, whole, part, power]) => `${sign}${whole}${part === undefined ? '' : `.${part}`}${power ?? ''}`)
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\\', '"', '/', '\u00e9', '\ud83d', '\0', '\u2028'),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    ),
    minLength: 1,
    maxLength: 20,
  })
  await fc.assert(
    fc.asyncProperty(digits, text, async (number, string) => {
      const sent = basic(decimal(number), `{"url":"${URL}","valueString":${JSON.stringify(string)}}`)
      const answer = await server.send('POST', 'Basic', sent)
      if (!string.isWellFormed() || string.includes('\0')) {
        expect(answer.status).toBe(400)
        return
      }
      expect(answer.status).toBe(201)
      const read = await server.get(`Basic/${idOf(answer.json)}`)
      expect(read.text).toContain(decimal(number))
      const [, extension] = (read.json as unknown as { extension: { valueString: string }[] }).extension
      expect(extension?.valueString).toBe(string)
    }),
    { numRuns: 60 },
  )
})
