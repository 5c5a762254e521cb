import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { definitionErrors } from '../../src/conformance/check.ts'
import { loaded } from '../mapping/examples.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-profiles-'))
afterAll(() => rmSync(folder, { recursive: true }))

const valueSet = { resourceType: 'ValueSet', id: 'a', url: 'https://interop.example.org/ValueSet/a', status: 'active' }

function mistakesIn(name: string, text: string): string[] {
  writeFileSync(join(folder, name), text)
  const errors = definitionErrors({ profiles: folder, mappings: 'mappings' }, [])
  rmSync(join(folder, name))
  return errors.map(({ line, message }) => `${line}: ${message}`)
}

test('the profiles of the repository have no mistake, and nothing that mappings name is missing', () => {
  const errors = definitionErrors({ profiles: 'profiles', mappings: 'mappings' }, loaded.systems)
  expect(errors.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([])
})

test('a mapping that names an extension without definition is told so, with its line', () => {
  const errors = definitionErrors({ profiles: folder, mappings: 'mappings' }, loaded.systems)
  const [mistake] = errors.filter(({ message }) => message.includes('"patient-occupation"'))
  expect(mistake?.file).toBe('mappings/hms/patient.yaml')
  expect(mistake?.line).toBeGreaterThan(20)
})

test('a file says what it is', () => {
  expect(mistakesIn('ValueSet-a.json', JSON.stringify(valueSet))).toEqual([])
  expect(mistakesIn('ValueSet-b.json', JSON.stringify(valueSet, null, 1))).toEqual([
    '3: the file of this id is ValueSet-a.json',
  ])
  expect(mistakesIn('ValueSet-a.json', JSON.stringify({ ...valueSet, url: 'urn:a' }, null, 1))).toEqual([
    '4: the url must be https://interop.example.org/ValueSet/a',
  ])
  expect(mistakesIn('Value-a.json', JSON.stringify({ ...valueSet, resourceType: 'Value' }))).toEqual([
    '1: "Value" is no resource type of FHIR R4',
  ])
  expect(mistakesIn('ValueSet-a.json', '{\n "id": }')).toEqual([expect.stringMatching(/^2: /)])
})
