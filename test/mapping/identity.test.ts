import { expect, test } from '@jest/globals'
import { compileAccessor, parseField } from '../../src/mapping/field.ts'
import { compositeKey, resourceId } from '../../src/mapping/identity.ts'

const reads = (many: boolean) => ['h.case_id', 'h.status'].map((text) => compileAccessor(parseField(text), many))

test('columns of a composite foreign key make one key', () => {
  const key = compositeKey(reads(false))
  expect(key({ h: { case_id: 'c1', status: 'draft' } })).toBe('c1:draft')
  expect(key({ h: { case_id: 'c1', status: '' } })).toBeNull()
  expect(key({})).toBeNull()
})

test('of many rows they make one key a row', () => {
  const key = compositeKey(reads(true))
  const rows = [
    { case_id: 'c1', status: 'draft' },
    { case_id: 'c1', status: null },
    { case_id: 'c1', status: 'review' },
  ]
  expect(key({ h: rows })).toEqual(['c1:draft', null, 'c1:review'])
  expect(key({ h: [] })).toBeNull()
})

test('a key that is no FHIR id, or too long for one, is hashed', () => {
  expect(resourceId('sop-', 'c1:draft', '')).toMatch(/^sop-[0-9a-f]{32}$/)
  expect(resourceId('sop-', 'c1', 'doc.0')).toBe('sop-c1.doc.0')
  expect(resourceId('sop-', 'x'.repeat(80), 'doc.0')).toMatch(/^sop-[0-9a-f]{32}\.doc\.0$/)
})
