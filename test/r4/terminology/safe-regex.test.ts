import { expect, test } from '@jest/globals'
import { safeRegex } from '../../../src/r4/terminology/safe-regex.ts'

test.each([
  ['[0-9]{3}', '250', true],
  ['[A-Z]{3}', 'EGYPT', false],
  ['LP\\d+-\\d', 'LP43571-6', true],
  ['(?:ab|cd)e?', 'cde', true],
  ['(ab)*', 'ababab', true],
  ['.*blood.*', 'whole blood', true],
])('%s asked of %s says %s', (pattern, text, expected) => {
  expect(safeRegex(pattern)?.(text)).toBe(expected)
})

test.each(['(a+)+b', '(a|a)*b', '(a?){30}a{30}', 'a*a*a*a*b', '(?=a)b', '(a)\\1', '(', ')', '['])(
  '%s is not run',
  (pattern) => {
    expect(safeRegex(pattern)).toBeUndefined()
  },
)
