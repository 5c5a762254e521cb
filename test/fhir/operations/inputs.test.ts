/** What an operation is called with, whichever way it is asked. */
import { expect, test } from '@jest/globals'
import { anybodyIn } from '../../../src/access/caller.ts'
import { countInput, flagInput, inputsOf, textInput } from '../../../src/fhir/operations/inputs.ts'
import type { Inputs } from '../../../src/fhir/operations/inputs.ts'
import type { Input } from '../../../src/fhir/operations/operation.ts'
import { Deadline } from '../../../src/kernel/deadline.ts'

const known: Input[] = [
  { name: 'resource', type: 'Resource' },
  { name: 'url', type: 'uri', required: true },
  { name: 'count', type: 'integer' },
  { name: 'deep', type: 'boolean' },
  { name: 'coding', type: 'Coding' },
  { name: 'tag', type: 'string', repeats: true },
]

function inputs(query: [string, string][], body?: object, prefer?: string): Inputs {
  const headers = new Map([
    ['content-type', body && 'application/fhir+json'],
    ['prefer', prefer],
  ])
  return inputsOf(
    {
      method: body ? 'POST' : 'GET',
      ...{ path: ['$try'], query, base: 'http://127.0.0.1/fhir/R4', tenant: 'default', caller: anybodyIn('default') },
      ...(body && { body: JSON.stringify(body) }),
      deadline: new Deadline(10_000),
      header: (name) => headers.get(name),
    },
    'try',
    known,
  )
}

const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter })
const url = { name: 'url', valueUri: 'http://x/y' }

test('a query gives primitives of the types that are defined', () => {
  const given = inputs([
    ['url', 'http://x/y'],
    ['count', '10'],
    ['deep', 'true'],
    ['tag', 'a'],
    ['tag', 'b'],
    ['_format', 'json'],
  ])
  expect(textInput(given, 'url')).toBe('http://x/y')
  expect(countInput(given, 'count')).toBe(10)
  expect(flagInput(given, 'deep')).toBe(true)
  expect(given.get('tag')).toEqual(['a', 'b'])
  expect(given.has('_format')).toBe(false)
})

test('Parameters give values, objects and resources, whatever is wrong with a resource', () => {
  const coding = { system: 'http://x', code: 'y' }
  const resource = { resourceType: 'Patient', nothing: 1 }
  const given = inputs([], parameters(url, { name: 'coding', valueCoding: coding }, { name: 'resource', resource }))
  expect(given.get('coding')).toEqual([coding])
  expect(given.get('resource')).toEqual([resource])
})

test('one resource alone is the resource parameter, beside the query', () => {
  const resource = { resourceType: 'Patient' }
  const given = inputs([['url', 'http://x/y']], resource)
  expect(given.get('resource')).toEqual([resource])
})

test('a string where a uri is wanted is taken when it is one', () => {
  expect(textInput(inputs([], parameters({ name: 'url', valueString: 'http://x/y' })), 'url')).toBe('http://x/y')
})

test.each([
  [
    'what is not known',
    [['url', 'u'] as [string, string], ['other', '1'] as [string, string]],
    undefined,
    /"other" is not known here; known are resource, url/,
  ],
  ['what is missing', [], undefined, /\$try needs the parameter "url"/],
  [
    'what may stand once',
    [['url', 'u'] as [string, string], ['url', 'v'] as [string, string]],
    undefined,
    /"url" may be given once only/,
  ],
  [
    'no integer',
    [['url', 'u'] as [string, string], ['count', 'ten'] as [string, string]],
    undefined,
    /"count" must be a whole JSON number/,
  ],
  [
    'an object in the query',
    [['url', 'u'] as [string, string], ['coding', 'x'] as [string, string]],
    undefined,
    /"coding" is a Coding: send it by POST/,
  ],
  [
    'a value of another type',
    [],
    parameters(url, { name: 'coding', valueString: 'x' }),
    /"coding" must have valueCoding/,
  ],
  ['Parameters that are none', [], { resourceType: 'Parameters', parameter: [{ valueUri: 'u' }] }, /must have name/],
] as const)('%s is refused with its name', (_what, query, body, sentence) => {
  expect(() => inputs([...query], body)).toThrow(sentence)
})

test('lenient handling leaves out what is not known', () => {
  const given = inputs(
    [
      ['url', 'http://x/y'],
      ['other', '1'],
    ],
    undefined,
    'handling=lenient',
  )
  expect([...given.keys()]).toEqual(['url'])
})
