import { expect, test } from '@jest/globals'
import { messageLanguage } from '../../src/channels/language.ts'

test.each([
  ['ar', 'ar'],
  ['ar-AE', 'ar'],
  ['AR-sa', 'ar'],
  ['arn', 'en'],
  ['en-GB', 'en'],
  ['fr', 'en'],
  [undefined, 'en'],
])('%s is written in %s', (tag, language) => {
  expect(messageLanguage(tag)).toBe(language)
})
