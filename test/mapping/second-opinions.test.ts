/** docs/second-opinions.md, block by block: its rows go through the mappings, and give the FHIR it shows. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { parse } from 'yaml'
import { joinRows } from '../../src/mapping/join-rows.ts'
import type { LensContext, Part, Row, SourceSystem } from '../../src/mapping/lens.ts'
import { validationErrors } from '../support/validate.ts'
import { BASE, loaded } from './examples.ts'

type Collections = Record<string, Row[]>

const sop = loaded.systems.find(({ system }) => system === 'sop') as SourceSystem
const page = readFileSync('docs/second-opinions.md', 'utf8')
const blocks = [...page.matchAll(/```(yaml|json)\n([\s\S]*?)```/g)].map(([, kind, text = '']) => ({ kind, text }))

/** A row that is there already takes the columns that change. */
function write(collections: Collections, changes: Collections): void {
  for (const [collection, rows] of Object.entries(changes)) {
    const keys = sop.keys.get(collection) ?? []
    const held = (collections[collection] ??= [])
    for (const row of rows) {
      const at = held.findIndex((each) => keys.every((key) => each[key] === row[key]))
      if (at < 0) held.push(row)
      else held[at] = { ...held[at], ...row }
    }
  }
}

function resourcesOf(collections: Collections): Resource[] {
  const parts = new Map<string, Part>()
  for (const lens of sop.lenses) {
    for (const row of collections[lens.collection] ?? []) {
      for (const part of lens.parts(joinRows(lens, row, collections), { base: BASE })) {
        parts.set(`${part.type}/${part.id}`, part)
      }
    }
  }
  const context: LensContext = {
    base: BASE,
    timeZone: 'UTC',
    has: (reference) => parts.has(reference),
    warn: ({ rule, reason }) => {
      throw new Error(`${rule}: ${reason}`)
    },
  }
  return [...parts.values()].map((part) => part.lens.get(part, context) as Resource)
}

test('the page shows what the mappings make of its rows', () => {
  const collections: Collections = {}
  let shown = 0
  for (const { kind, text } of blocks) {
    if (kind === 'yaml') {
      write(collections, parse(text) as Collections)
      continue
    }
    const written = JSON.parse(text) as Resource
    const made = resourcesOf(collections).find(
      ({ resourceType, id }) => resourceType === written.resourceType && id === written.id,
    )
    expect(JSON.parse(JSON.stringify(made ?? null))).toMatchObject(written)
    shown++
  }
  expect(shown).toBeGreaterThan(10)
})

test('everything that the rows of the page give is valid R4', () => {
  const collections: Collections = {}
  for (const { kind, text } of blocks) if (kind === 'yaml') write(collections, parse(text) as Collections)
  for (const resource of resourcesOf(collections)) expect(validationErrors(resource)).toEqual([])
})
