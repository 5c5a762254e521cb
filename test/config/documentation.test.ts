import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { configurationPage, envExample } from '../../src/config/documentation.ts'

test('docs/configuration.md and .env.example are what npm run docs makes of the list of variables', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationPage())
  expect(readFileSync('.env.example', 'utf8')).toBe(envExample())
})
