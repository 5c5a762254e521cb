import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { assertJsonAccepted, prettyJson } from '../../src/http/media.ts'

test.each([
  [undefined, undefined],
  [undefined, '*/*'],
  [undefined, 'application/*;q=0.5'],
  [undefined, 'text/html, application/fhir+json; fhirVersion=4.0; q=0.1'],
  [undefined, 'Application/JSON'],
  ['json', 'application/fhir+xml'],
  ['application/fhir+json', undefined],
  ['application/fhir json', undefined],
  ['application/fhir+json; fhirVersion=4.0', undefined],
  [undefined, 'application/fhir+json; fhirVersion=4.0.1'],
])('_format %s with Accept %s is JSON', (format, accept) => {
  expect(() => assertJsonAccepted(format, accept)).not.toThrow()
})

test.each([
  [undefined, 'application/fhir+xml'],
  [undefined, 'text/html, text/turtle'],
  [undefined, 'application/fhir+json;q=0, */*;q=0.0'],
  ['xml', 'application/fhir+json'],
  ['application/fhir+xml', '*/*'],
  ['ttl', undefined],
  ['json; fhirVersion=5.0', undefined],
  [undefined, 'application/fhir+json; fhirVersion=3.0'],
  ['', undefined],
])('_format %s with Accept %s is not', (format, accept) => {
  expect(() => assertJsonAccepted(format, accept)).toThrow('application/fhir+json')
})

test('indenting changes no token: without white space between them the text is what it was', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('1.00', '-0.0', '1e400', '12345678901234567890'), (json, digits) => {
      const text = `{"value":${digits},"content":${JSON.stringify(JSON.parse(json))}}`
      const pretty = prettyJson(text)
      expect(pretty.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')).toBe(text)
    }),
  )
  expect(prettyJson('{"a":[1,{"b":"{,}"}]}')).toBe('{\n  "a": [\n    1,\n    {\n      "b": "{,}"\n    }\n  ]\n}')
})
