import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { applyJsonPatch, JsonPatchError } from '../../src/r4/json-patch.ts'
import { type JsonValue, parseJson, stringifyJson } from '../../src/r4/json.ts'

function patched(document: string, patch: string): string {
  return stringifyJson(applyJsonPatch(parseJson(document), parseJson(patch)))
}

/** RFC 6902 appendix A, and what numbers that keep their digits add to it. */
test.each([
  ['{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'],
  ['{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'],
  ['{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
  ['{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
  ['{"baz":"qux","foo":"bar"}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo","foo":"bar"}'],
  ['{"a":{"b":1},"c":{}}', '[{"op":"move","from":"/a/b","path":"/c/d"}]', '{"a":{},"c":{"d":1}}'],
  ['{"foo":["a","b","c","d"]}', '[{"op":"move","from":"/foo/1","path":"/foo/3"}]', '{"foo":["a","c","d","b"]}'],
  ['{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["abc"]}]', '{"foo":["bar",["abc"]]}'],
  ['{"a":{"b":[1]}}', '[{"op":"copy","from":"/a/b","path":"/c"}]', '{"a":{"b":[1]},"c":[1]}'],
  [
    '{"a":{"b":[1]}}',
    '[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b/-","value":2}]',
    '{"a":{"b":[1]},"c":{"b":[1,2]}}',
  ],
  ['{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]', '{"~1":10}'],
  ['{"foo":null}', '[{"op":"test","path":"/foo","value":null}]', '{"foo":null}'],
  ['{"foo":1}', '[{"op":"replace","path":"","value":{"bar":2}}]', '{"bar":2}'],
  ['{"foo":1}', '[]', '{"foo":1}'],
  ['{"v":1.00}', '[{"op":"add","path":"/w","value":2.50}]', '{"v":1.00,"w":2.50}'],
  ['{"v":1.00}', '[{"op":"test","path":"/v","value":1}]', '{"v":1.00}'],
  ['{"v":100}', '[{"op":"test","path":"/v","value":1e2}]', '{"v":100}'],
  ['{"v":-0.00}', '[{"op":"test","path":"/v","value":0}]', '{"v":-0.00}'],
  ['{"v":[1.0,{"a":2}]}', '[{"op":"test","path":"/v","value":[1,{"a":2.0}]}]', '{"v":[1.0,{"a":2}]}'],
  ['{"v":{"a":1,"b":2}}', '[{"op":"test","path":"/v","value":{"b":2,"a":1}}]', '{"v":{"a":1,"b":2}}'],
])('%s with %s is %s', (document, patch, expected) => {
  expect(patched(document, patch)).toBe(expected)
})

test.each([
  ['{"baz":"qux"}', '[{"op":"test","path":"/baz","value":"bar"}]', 'test does not hold', '/baz'],
  ['{"v":1}', '[{"op":"test","path":"/v","value":"1"}]', 'test does not hold', '/v'],
  [
    '{"v":12345678901234567890}',
    '[{"op":"test","path":"/v","value":12345678901234567891}]',
    'test does not hold',
    '/v',
  ],
  ['{"v":[1]}', '[{"op":"test","path":"/v","value":[1,2]}]', 'test does not hold', '/v'],
  ['{"v":[]}', '[{"op":"test","path":"/v","value":{}}]', 'test does not hold', '/v'],
  ['{"foo":"bar"}', '[{"op":"add","path":"/baz/bat","value":"qux"}]', 'nothing at this path', '/baz/bat'],
  ['{"foo":[1]}', '[{"op":"add","path":"/foo/2","value":1}]', 'no item', '/foo/2'],
  ['{"foo":[1]}', '[{"op":"replace","path":"/foo/-","value":1}]', 'no item', '/foo/-'],
  ['{"foo":[1]}', '[{"op":"remove","path":"/foo/01"}]', 'no item', '/foo/01'],
  ['{"foo":[1]}', '[{"op":"remove","path":"/foo/length"}]', 'no item', '/foo/length'],
  ['{"foo":1.00}', '[{"op":"remove","path":"/foo/rawJSON"}]', 'nothing at this path', '/foo/rawJSON'],
  ['{}', '[{"op":"replace","path":"/foo","value":1}]', 'nothing at this path', '/foo'],
  ['{}', '[{"op":"remove","path":"/constructor"}]', 'nothing at this path', '/constructor'],
  ['{}', '[{"op":"add","path":"/__proto__/x","value":1}]', 'must not name __proto__', '/__proto__/x'],
  ['{}', '[{"op":"remove","path":""}]', 'cannot be removed', ''],
  ['{"a":{}}', '[{"op":"move","from":"/a","path":"/a/b"}]', 'into itself', '/a/b'],
  ['{}', '[{"op":"add","path":"a","value":1}]', 'must be a JSON Pointer', 'a'],
  ['{}', '[{"op":"add","path":"/~2","value":1}]', 'must be a JSON Pointer', '/~2'],
  ['{}', '[{"op":"add","path":"/a"}]', 'must have a value', '/a'],
  ['{}', '[{"op":"copy","path":"/a"}]', 'must have a from', '/a'],
  ['{}', '[{"op":"add","value":1}]', 'must have a path', '/0'],
  ['{}', '[{"op":"spam","path":"/a"}]', 'must be one of', '/0'],
  ['{}', '[1]', 'must be an object', '/0'],
  ['{}', '{"op":"add"}', 'must be a list', ''],
])('%s with %s is refused', (document, patch, message, path) => {
  expect(() => patched(document, patch)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message) as unknown, path }),
  )
})

test('copies of copies are refused before they fill the memory', () => {
  const copy = '{"op":"copy","from":"/a","path":"/a/b"},{"op":"copy","from":"/a","path":"/a/c"}'
  expect(() => patched('{"a":{"x":"y"}}', `[${Array(40).fill(copy).join()}]`)).toThrow('grow too large')
})

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => parseJson(JSON.stringify(value).replaceAll('__proto__', 'p')))
const operation = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path: fc.constantFrom('', '/a', '/a/0', '/a/-', '/a/b', '/b', '/b/1'),
  from: fc.constantFrom('/a', '/a/0', '/b', '/b/1'),
  value: json,
})

test('whatever is asked, the document given is left as it was, and a refusal is a JsonPatchError', () => {
  fc.assert(
    fc.property(fc.record({ a: json, b: fc.array(json) }), fc.array(operation, { maxLength: 5 }), (document, patch) => {
      const before = stringifyJson(document)
      try {
        const after = applyJsonPatch(document, patch)
        expect(stringifyJson(parseJson(stringifyJson(after)))).toBe(stringifyJson(after))
      } catch (error) {
        expect(error).toBeInstanceOf(JsonPatchError)
      }
      expect(stringifyJson(document)).toBe(before)
    }),
  )
})

test('what is added can be tested, and removing it gives what was there', () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 4 }), fc.nat(4), json, (list, at, value) => {
      const path = `/list/${Math.min(at, list.length)}`
      const document: JsonValue = { list, other: 1 }
      const added = applyJsonPatch(document, [
        { op: 'add', path, value },
        { op: 'test', path, value },
      ])
      expect(stringifyJson(applyJsonPatch(added, [{ op: 'remove', path }]))).toBe(stringifyJson(document))
    }),
  )
})

test('a number is equal to itself in other digits, and to no other number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(5), fc.nat(30), (digits, zeros, power) => {
      const zero = digits === 0n
      const text = `${digits}${'0'.repeat(zero ? 0 : zeros)}.${'0'.repeat(zeros + 1)}e-${power}`
      const same = `[{"op":"test","path":"","value":${digits}e${(zero ? 0 : zeros) - power}}]`
      const other = `[{"op":"test","path":"","value":${digits + 1n}e${(zero ? 0 : zeros) - power}}]`
      expect(patched(text, same)).toBe(text)
      expect(() => patched(text, other)).toThrow('does not hold')
    }),
  )
})
