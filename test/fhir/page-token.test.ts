import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readToken, writeToken } from '../../src/fhir/page-token.ts'

const key = createSecretKey(randomBytes(32))
const value = fc.oneof(
  fc.string(),
  fc.double({ noDefaultInfinity: true, noNaN: true }).filter((number) => !Object.is(number, -0)),
  fc.constant(null),
  fc.record({ $date: fc.constant('2025-01-01T00:00:00.000Z') }),
  fc.constant({ $below: true as const }),
)
const position = fc.record({ values: fc.array(value) }, { noNullPrototype: true })
const mark = fc.record(
  { moment: fc.string(), now: fc.nat(), total: fc.nat(), position, back: fc.constant(true as const) },
  { noNullPrototype: true, requiredKeys: ['moment', 'now'] },
)

test('a token is read as it was written, with its own query and key only', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), mark, (query, other, where) => {
      const token = writeToken(key, query, where)
      expect(readToken(key, query, token)).toEqual(where)
      expect(() => readToken(createSecretKey(randomBytes(32)), query, token)).toThrow('next')
      if (other !== query) expect(() => readToken(key, other, token)).toThrow('next')
    }),
  )
})

const there = { moment: '1', now: 2, position: { values: ['al noor', 'default/Patient/x'] } }

test('a token that was changed anywhere does not open', () => {
  const token = Buffer.from(writeToken(key, 'q', there), 'base64url')
  for (let at = 0; at < token.length; at++) {
    const changed = Buffer.from(token)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => readToken(key, 'q', changed.toString('base64url'))).toThrow('next')
    expect(() => readToken(key, 'q', token.subarray(0, at).toString('base64url'))).toThrow('next')
  }
})

test('a token shows nothing of what it carries', () => {
  const token = writeToken(key, 'q', there)
  expect(Buffer.from(token, 'base64url').toString('latin1')).not.toMatch(/noor|Patient/)
})
