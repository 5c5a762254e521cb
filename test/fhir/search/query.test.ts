import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseQuery, queryText } from '../../../src/fhir/search/query.ts'
import { splitBars, unescape } from '../../../src/fhir/search/query-text.ts'
import { typeScope } from '../../../src/fhir/search/scope.ts'
import { anybodyIn } from '../../../src/access/caller.ts'
import type { FhirRequest } from '../../../src/http/answer.ts'
import { Deadline } from '../../../src/kernel/deadline.ts'

const patients = typeScope('Patient')

function request(query: FhirRequest['query'], prefer?: string): FhirRequest {
  const header = (name: string): string | undefined => (name === 'prefer' ? prefer : undefined)
  const deadline = new Deadline(10_000)
  const caller = anybodyIn('default')
  const place = { path: ['Patient'], base: 'http://x/fhir/R4', tenant: 'default' }
  return { method: 'GET', ...place, query, caller, deadline, header }
}

const escape = (text: string): string => text.replace(/[\\,|$]/g, '\\$&')
const text = fc.string({ unit: fc.constantFrom('a', '\\', ',', '|', '$', ' ', 'é', '%', '&', '+'), minLength: 1 })

test('what was escaped comes out as it was, however many values and parts there are', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
      const { wanted } = parseQuery(request([['family', texts.map(escape).join(',')]]), patients)
      expect(wanted[0]?.criteria[0]?.values.map(unescape)).toEqual(texts)
      expect(splitBars(texts.map(escape).join('|'))).toEqual(texts)
    }),
  )
})

test('the self link asks the same again', () => {
  fc.assert(
    fc.property(fc.array(text.map(escape), { maxLength: 4 }), fc.integer({ min: 0, max: 9 }), (values, count) => {
      const query = parseQuery(
        request([...values.map((value): [string, string] => ['family', value]), ['_count', String(count)]]),
        patients,
      )
      const again = [...new URLSearchParams(queryText(query).replace('Patient?', ''))]
      expect(parseQuery(request(again), patients)).toEqual(query)
    }),
  )
})

test('what an answer costs has a limit', () => {
  const many = (count: number): string => Array.from({ length: count }, (_, index) => `v${index}`).join(',')
  expect(parseQuery(request([['_id', many(100)]]), patients).wanted[0]?.criteria[0]?.values).toHaveLength(100)
  expect(() => parseQuery(request([['_id', many(101)]]), patients)).toThrow('more than 100 values')
  const thrice = ['_id', 'family', 'identifier'].map((name): [string, string] => [name, many(90)])
  expect(() => parseQuery(request(thrice), patients)).toThrow('more than 250 values')
})

test('lenient handling leaves out what it does not know and says so; the rest is refused as ever', () => {
  const { wanted, ignored } = parseQuery(
    request(
      [
        ['colour', 'red'],
        ['family', 'x'],
      ],
      'handling=lenient',
    ),
    patients,
  )
  expect(wanted[0]?.criteria.map(({ parameter }) => parameter.code)).toEqual(['family'])
  expect(ignored).toEqual([expect.stringContaining('colour')])
  for (const wrong of ['family:not', 'gender:exact', 'general-practitioner:Patient']) {
    expect(() => parseQuery(request([[wrong, 'x']], 'handling=lenient'), patients)).toThrow('modifier')
  }
})
