import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decimal, numberOf, parseIncoming, parseJson, stringifyJson } from '../../src/r4/json.ts'

test('what JSON.stringify writes is read as JSON.parse reads it', () => {
  const values = fc.jsonValue({ noUnicodeString: false, maxDepth: 6 })
  fc.assert(
    fc.property(values, fc.constantFrom(0, 2), (value, space) => {
      const text = JSON.stringify(value, null, space)
      fc.pre(!/\\ud[89a-f]|\\u0000|__proto__/.test(text))
      expect(stringifyJson(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)))
    }),
  )
})

test.each(['1.00', '37.10', '1e2', '-0', '0.1000000000000000055', '12345678901234567890', '1E400', '5', '-1.5', '0'])(
  '%s keeps its digits',
  (digits) => {
    expect(stringifyJson(parseJson(`{"value":${digits}}`))).toBe(`{"value":${digits}}`)
  },
)

test('numbers that keep digits are numbers all the same', () => {
  expect(numberOf(decimal('37.10'))).toBe(37.1)
  expect(decimal('37.1')).toBe(37.1)
  expect(numberOf(72)).toBe(72)
  for (const value of ['72', null, undefined, {}, decimal('1e999')]) expect(numberOf(value)).toBeUndefined()
})

test.each([
  ['{"a":1,"a":2}', 'The key "a" is there twice'],
  ['{"a":1,"\\u0061":2}', 'The key "a" is there twice'],
  ['{"__proto__":{}}', 'The key "__proto__" is not allowed'],
  ['"\\ud800"', 'half of a surrogate pair'],
  ['"\ud800"', 'half of a surrogate pair'],
  ['"\\u0000"', 'the character NUL'],
  ['[1,]', 'A JSON value is missing'],
  ['{"a":1,}', 'A string is missing'],
  ['{a:1}', 'A string is missing'],
  ['{"a" 1}', 'A colon is missing'],
  ['[1 2]', 'A comma or ] is missing'],
  ['{"a":1', 'A comma or } is missing'],
  ['01', 'more follows'],
  ['1 2', 'more follows'],
  ['+1', 'A JSON value is missing'],
  ['.5', 'A JSON value is missing'],
  ['NaN', 'A JSON value is missing'],
  ['', 'A JSON value is missing'],
  ['"a\nb"', 'A string is missing or malformed'],
  ['"\\x"', 'A string is missing or malformed'],
  ["'a'", 'A JSON value is missing'],
])('%j is refused with the reason', (text, reason) => {
  expect(() => parseJson(text)).toThrow(reason)
})

test('64 levels are read, 65 are not', () => {
  expect(() => parseJson('['.repeat(64) + ']'.repeat(64))).not.toThrow()
  expect(() => parseJson('['.repeat(65) + ']'.repeat(65))).toThrow('nested more than 64 levels')
  expect(() => parseJson('{"a":'.repeat(100_000))).toThrow('nested more than 64 levels')
})

test('long strings are read, escaped ones too', () => {
  const long = 'ab"\n'.repeat(500_000)
  expect(parseJson(JSON.stringify(long))).toBe(long)
})

test('keys such as constructor are plain keys', () => {
  expect(stringifyJson(parseJson('{"constructor":1,"toString":2}'))).toBe('{"constructor":1,"toString":2}')
})

test.each([
  ['{"name":[{"given":["a","\\ud800"]}]}', 'name[0].given[1]'],
  ['{"name":[{"family":"a","family":"b"}]}', 'name[0].family'],
  ['{"meta":{"__proto__":{}}}', 'meta.__proto__'],
  ['{"a":{"b":"\\u0000"}}', 'a.b'],
  ['{"a":[[1,2,]]}', 'a[0][2]'],
  [`{"a":${'['.repeat(64)}${']'.repeat(64)}}`, `a${'[0]'.repeat(63)}`],
  ['{"a":1', undefined],
  ['', undefined],
])('what a client sent is refused with the place: %s', (text, expression) => {
  const refusal = expect.objectContaining({ code: 'GW_INVALID_JSON', status: 400, expression }) as unknown as Error
  expect(() => parseIncoming(text)).toThrow(refusal)
})

test.each(['1.00', '1e400', '0.1234567890123456789012345678901234567890'])('%s sent is echoed exactly', (digits) => {
  expect(stringifyJson(parseIncoming(`[${digits}]`))).toBe(`[${digits}]`)
})
