import { expect, test } from '@jest/globals'
import { contextIn, make } from './laws.ts'

const context = contextIn()
const stored = 'https://files.example.net/xray.png'

test('a link goes out as the Binary of its resource, never as the storage address', () => {
  const link = make('binary-link')
  expect(link.read(stored, context)).toBe('Binary/test-1')
  expect(make('binary-link', { slot: 'photo' }).read(stored, context)).toBe('Binary/test-1.photo')
  expect(link.read('  ', context)).toBeUndefined()
})

test('the Binary sent back means the stored link, any other link is stored as sent', () => {
  const link = make('binary-link')
  expect(link.write('Binary/test-1', stored, context)).toBe(stored)
  expect(link.write('https://files.example.net/new.png', stored, context)).toBe('https://files.example.net/new.png')
  expect(link.write(undefined, stored, context)).toBeNull()
})
