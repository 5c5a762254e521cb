import { describe, expect, test } from '@jest/globals'
import { exactElements } from '../../src/mapping/write-field.ts'

describe('the elements of JSON text', () => {
  test.each([
    '[{"dose":37.10},{"dose":1e2}]',
    '[12345678901234567890]',
    '[{"n":-0}]',
    '[1.00,2]',
    '[ 3.50 ]',
    '[{"name":"a \\"b\\", 2.50","dose":5}]',
    '["plain",{"n":12,"ok":true,"none":null}]',
  ])('keep the digits of their numbers: %s', (text) => {
    expect(JSON.stringify(exactElements(text))).toBe(text.replaceAll(' ]', ']').replaceAll('[ ', '['))
  })

  test.each(['[{"__proto__":{"a":1}}]', '[{"\\u005f_proto__":{"a":1}}]'])('do not name a prototype: %s', (text) => {
    expect(() => exactElements(text)).toThrow('__proto__')
  })

  test('are those of the array where the column holds one', () => {
    const elements = ['a']
    expect(exactElements(elements)).toBe(elements)
  })
})
