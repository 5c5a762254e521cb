import { expect, test } from '@jest/globals'
import type { ValueSet } from '@medplum/fhirtypes'
import { compareVersions, registryOf } from '../../src/r4/registry.ts'

const url = 'http://example.org/ValueSet/colours'

function valueSet(version: string, name: string): ValueSet {
  return { resourceType: 'ValueSet', url, version, name, status: 'active' }
}

test('Without a version the newest definition of a layer is found, with one that version', () => {
  const registry = registryOf([valueSet('1.10.0', 'new'), valueSet('1.9.0', 'old')])
  expect(registry.find('ValueSet', url)?.name).toBe('new')
  expect(registry.find('ValueSet', `${url}|1.9.0`)?.name).toBe('old')
  expect(registry.find('ValueSet', `${url}|2.0.0`)).toBeUndefined()
  expect(registry.find('CodeSystem', url)).toBeUndefined()
})

test('A later layer wins over an earlier one, whatever the versions, and hides none of them', () => {
  const registry = registryOf([valueSet('4.0.1', 'theirs')], [valueSet('1.0.0', 'ours')])
  expect(registry.find('ValueSet', url)?.name).toBe('ours')
  expect(registry.find('ValueSet', `${url}|4.0.1`)?.name).toBe('theirs')
  expect(registry.all('ValueSet').map(({ name }) => name)).toEqual(['theirs', 'ours'])
})

test('The same version in a later layer takes the place of the earlier one', () => {
  const registry = registryOf([valueSet('1.0.0', 'theirs')], [valueSet('1.0.0', 'ours')])
  expect(registry.all('ValueSet').map(({ name }) => name)).toEqual(['ours'])
})

test('A definition that is not read yet is read when it is asked for', () => {
  let reads = 0
  const read = (): ValueSet => {
    reads++
    return valueSet('1.0.0', 'lazy')
  }
  const registry = registryOf([{ resourceType: 'ValueSet', url, version: '1.0.0', read }])
  expect(reads).toBe(0)
  expect(registry.find('ValueSet', url)?.name).toBe('lazy')
})

test('Versions are in the order of their numbers', () => {
  expect(['1.10.0', '1.9.0', '1.9.0-ballot', '20220101'].toSorted(compareVersions)).toEqual([
    '1.9.0-ballot',
    '1.9.0',
    '1.10.0',
    '20220101',
  ])
})
