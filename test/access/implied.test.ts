/** Which keys come with others is told from the definitions of search parameters. */
import { expect, test } from '@jest/globals'
import { implies } from '../../src/access/implied.ts'
import { elementPaths } from '../../src/r4/element-paths.ts'
import { resourceTypes } from '../../src/r4/elements.ts'
import { searchKeys } from '../../src/r4/search-keys.ts'
import { searchParametersOf } from '../../src/r4/search-parameters.ts'

test.each([
  ['Observation', 'patient=Patient/1', ['subject=Patient/1'], true],
  ['Observation', 'patient=Patient/1', ['performer=Patient/1'], false],
  ['Observation', 'patient=Patient/1', ['subject=Patient/10'], false],
  ['Observation', 'subject=Patient/1', ['patient=Patient/1'], false],
  ['Observation', 'subject=Patient/1', ['subject=Patient/1', 'performer=Patient/1'], true],
  ['Appointment', 'patient=Patient/1', ['actor=Patient/1'], true],
  ['Condition', 'subject=Patient/1', ['asserter=Patient/1'], false],
  ['Observation', 'code=x|y', ['subject=Patient/1'], false],
  ['Nothing', 'patient=Patient/1', ['subject=Patient/1'], false],
])('of %s, %s is within %j: %s', (type, key, others, expected) => {
  expect(implies(type, key, others)).toBe(expected)
})

test('what is said to come with a reference does, of every type', () => {
  for (const type of resourceTypes) {
    const references = [...searchParametersOf(type).values()].filter((each) => each.type === 'reference')
    const keyOf = ({ code }: { readonly code: string }): string => `${code}=Patient/1`
    for (const each of references) {
      const implied = references.map(keyOf).filter((key) => implies(type, keyOf(each), [key]))
      const names = elementPaths(each.expression ?? '', type).flatMap(({ steps }) => (steps.length === 1 ? steps : []))
      for (const { name } of names) {
        const { k } = searchKeys({ resourceType: type, [name]: { reference: 'Patient/1' } })
        if (k.includes(keyOf(each))) expect([type, ...k]).toEqual(expect.arrayContaining([type, ...implied]))
      }
    }
  }
})
