import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { definitionErrors } from '../../src/conformance/check.ts'
import { ownSearchParameters } from '../../src/conformance/search-parameters.ts'
import { readWrittenDefinitions } from '../../src/conformance/written-definitions.ts'
import { StartError } from '../../src/kernel/errors.ts'
import { useSearchParameters } from '../../src/r4/search-parameters.ts'
import { searchKeys } from '../../src/r4/search-keys.ts'

const BASE = 'https://interop.example.org'
const folder = mkdtempSync(join(tmpdir(), 'isthmus-parameters-'))
afterAll(() => rmSync(folder, { recursive: true }))

const good = {
  resourceType: 'SearchParameter',
  id: 'Patient-shoe-size',
  url: `${BASE}/SearchParameter/Patient-shoe-size`,
  name: 'PatientShoeSize',
  status: 'active',
  description: 'Size of shoes.',
  code: 'shoe-size',
  base: ['Patient'],
  type: 'number',
  expression: `(Patient.extension('${BASE}/StructureDefinition/shoe-size').value as decimal)`,
}

/** What `isthmus check` says of files, `<line>: <message>`. */
function mistakesOf(...parameters: readonly object[]): string[] {
  const files = parameters.map((parameter, index) => {
    const id = `p${index}`
    const file = join(folder, `SearchParameter-${id}.json`)
    writeFileSync(file, JSON.stringify({ ...parameter, id, url: `${BASE}/SearchParameter/${id}` }, null, 1))
    return file
  })
  const errors = definitionErrors({ profiles: folder, mappings: 'mappings' }, [])
  for (const file of files) rmSync(file)
  return errors.map(({ line, message }) => `${line}: ${message}`)
}

test('those of the repository are all taken', () => {
  const own = ownSearchParameters(readWrittenDefinitions('profiles', BASE))
  expect(own.length).toBeGreaterThan(20)
  expect(own.find(({ code }) => code === 'patient-gender')).toMatchObject({ base: ['ServiceRequest'], own: true })
})

test('a good one has no mistake, and gives keys of its values', () => {
  expect(mistakesOf(good)).toEqual([])
  useSearchParameters(ownSearchParameters([good as never]))
  const extension = [{ url: `${BASE}/StructureDefinition/shoe-size`, valueDecimal: 42.5 }]
  expect(searchKeys({ resourceType: 'Patient', extension }).n).toEqual([{ p: 'shoe-size', l: 42.5, h: 42.5 }])
  useSearchParameters([])
  expect(searchKeys({ resourceType: 'Patient', extension }).n).toEqual([])
})

const wrong: readonly (readonly [string, object, RegExp])[] = [
  ['no FHIR', { ...good, base: 'Patient' }, /^9: SearchParameter\.base: /],
  ['no status', { ...good, status: undefined }, /^1: SearchParameter\.status: SearchParameter must have status/],
  ['a code with a dot', { ...good, code: 'shoe.size' }, /^8: "shoe.size" must be words/],
  ['a code of R4', { ...good, code: 'name' }, /^8: Patient has a search parameter "name" of R4 already/],
  ['a base that is no type', { ...good, base: ['Shoe'] }, /^9: SearchParameter\.base\[0\]: /],
  ['a composite', { ...good, type: 'composite' }, /^12: a parameter of type composite cannot be made/],
  ['no expression', { ...good, expression: undefined }, /^2: it needs an expression/],
  [
    'an expression of another type',
    { ...good, expression: 'Group.name' },
    /^13: the expression says nothing of Patient/,
  ],
  ['an element that is not there', { ...good, expression: 'Patient.shoe' }, /^13: .*there is no shoe at this place/],
  ['functions', { ...good, expression: 'Patient.name.first()' }, /^13: .*first\(\) is not among the functions/],
  ['values of another kind', { ...good, expression: 'Patient.name' }, /^13: what it selects in Patient \(HumanName\)/],
  ['a reference to nothing', { ...good, type: 'reference', expression: 'Patient.link.other' }, /needs a target/],
  ['prefixes of its own', { ...good, comparator: ['eq'] }, /^14: "comparator" is left out/],
]

test.each(wrong)('one with %s is refused, with file, line and sentence', (_what, parameter, sentence) => {
  expect(mistakesOf(parameter)[0]).toMatch(sentence)
  expect(() => ownSearchParameters([{ ...parameter } as never])).toThrow(StartError)
})

test('two files do not give a type the same code', () => {
  expect(mistakesOf(good, good)).toEqual(['8: another file gives Patient a search parameter "shoe-size"'])
})
