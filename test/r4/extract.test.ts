import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { extractDefinitions } from '../../src/r4/extract.ts'

const folder = new URL('../../src/r4/definitions/', import.meta.url)

test('the committed definitions are what the extraction gives today', () => {
  const fresh = extractDefinitions()
  expect(readdirSync(folder).sort()).toEqual(Object.keys(fresh).sort())
  for (const [name, text] of Object.entries(fresh)) {
    expect(committed(name) === text ? 'same' : `run: node src/r4/extract.ts (${name})`).toBe('same')
  }
})

function committed(name: string): string {
  const bytes = readFileSync(new URL(name, folder))
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
}
