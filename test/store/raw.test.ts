import { expect, test } from '@jest/globals'
import { serialize } from 'bson'
import { beginningWith, storedIn, withLength } from '../../src/store/raw.ts'

test('a resource is read from its bytes as the driver would, but for its text, which stays in UTF-8', () => {
  const fields = {
    ...{ _id: 'default/Patient/ä', v: 3, u: new Date('2026-11-21T10:00:00.123Z'), deleted: false },
    ...{ k: ['name=محمد', 'x'], o: { date: new Date(0), low: -Infinity, none: null }, whose: 2 ** 40, half: 0.5 },
  }
  const body = '{"name":"محمد 👋"}'
  const [read] = storedIn([Buffer.from(serialize({ ...fields, body }))])
  expect(read).toEqual({ ...fields, body: Buffer.from(body) })
})

test('the text of what was deleted is empty', () => {
  const [read] = storedIn([Buffer.from(serialize({ deleted: true, body: '' }))])
  expect(read).toEqual({ deleted: true, body: Buffer.alloc(0) })
})

test('of lists only what is wanted is read: by its length in bytes, or by how it begins', () => {
  const bytes = [Buffer.from(serialize({ k: ['name=محمد', 'name=a', 'nam', 'x=1'] }))]
  expect(storedIn(bytes, withLength(new Set([13, 3])))).toEqual([{ k: ['name=محمد', 'nam', 'x=1'] }])
  expect(storedIn(bytes, beginningWith(['name=']))).toEqual([{ k: ['name=محمد', 'name=a'] }])
  expect(storedIn(bytes, beginningWith(['x=', 'name=م']))).toEqual([{ k: ['name=محمد', 'x=1'] }])
})
