import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
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

/** JSON text as anybody may write it: the same without spaces, and whether an object in it has a name twice. */
interface Written {
  readonly text: string
  readonly compact: string
  readonly twice: boolean
}

const written = fc.letrec<{ value: Written; list: Written; object: Written; leaf: Written }>((tie) => {
  const space = fc.constantFrom('', '', ' ', '\n\t')
  const names = fc.constantFrom('a', 'b', ':', '":', '', 'é\\', ', 1.0')
  const digits = fc.constantFrom('0', '12', '-7', '1.5', '1.50', '-0', '2e3', '123456789012345', '1234567890123456789')
  const texts = fc.oneof(
    names,
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  )
  const inside = (
    parts: readonly Written[],
    [open, close]: readonly [string, string],
    apart: string,
    at: readonly string[] = [],
  ): Written => ({
    text: open + apart + parts.map(({ text }, n) => `${at[n] ?? ''}${apart}${text}${apart}`).join(`,${apart}`) + close,
    compact: open + parts.map(({ compact }, n) => (at[n] ?? '') + compact).join(',') + close,
    twice: parts.some(({ twice }) => twice),
  })
  return {
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('list'), tie('object')),
    leaf: fc
      .oneof(
        digits,
        fc.constantFrom('true', 'null'),
        texts.map((text) => JSON.stringify(text)),
      )
      .map((text) => ({ text, compact: text, twice: false })),
    list: fc
      .tuple(fc.array(tie('value'), { maxLength: 4 }), space)
      .map(([parts, apart]) => inside(parts, ['[', ']'], apart)),
    object: fc.tuple(fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }), space).map(([members, apart]) => {
      const keys = members.map(([name]) => `${JSON.stringify(name)}:`)
      const whole = inside(
        members.map(([, value]) => value),
        ['{', '}'],
        apart,
        keys,
      )
      return { ...whole, twice: whole.twice || new Set(keys).size < keys.length }
    }),
  }
}).value

test('text is read to the last digit, or refused for a name that is there twice', () => {
  fc.assert(
    fc.property(written, ({ text, compact, twice }) => {
      if (twice) expect(() => parseJson(text)).toThrow('is there twice in one object')
      else expect(stringifyJson(parseJson(text))).toBe(compact)
    }),
    { numRuns: 1_000 },
  )
})

test.each(['1.00', '37.10', '1e2', '-0', '0.1000000000000000055', '12345678901234567890', '1E400', '5', '-1.5', '0'])(
  '%s keeps its digits',
  (digits) => {
    expect(stringifyJson(parseJson(`{"value":${digits}}`))).toBe(`{"value":${digits}}`)
    expect(stringifyJson(parseJson(` ${digits}`))).toBe(digits)
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
  ['[{"a":":","b":[{"c":1},{"c" : 1,"c":2}]}]', 'The key "c" is there twice'],
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
  expect(() => parseJson('[{"a":'.repeat(33) + '1' + '}]'.repeat(33))).toThrow('nested more than 64 levels')
  expect(() => parseJson('{"a":'.repeat(100_000))).toThrow('nested more than 64 levels')
})

test('text that is nested millions deep is refused before it is built', async () => {
  const program = `
    const { parentPort } = require('node:worker_threads')
    import('${new URL('../../src/r4/json.ts', import.meta.url).href}').then(({ parseJson }) => {
      try { parseJson('['.repeat(4_000_000) + ']'.repeat(4_000_000)) } catch ({ message }) { parentPort.postMessage(message) }
    })`
  // Its arrays would take 400 MB
  const worker = new Worker(program, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 100 } })
  const [message] = (await once(worker, 'message')) as [string]
  expect(message).toContain('nested more than 64 levels')
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
