/**
 * Ids are for ever (entities G3): docs/ids.md lists, for each mapping, the ids its examples give, and a change of any
 * of them fails here. `WRITE_DOCS=1 npm test -- test/mapping/ids` writes the page anew when mappings are added.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { MappingProblem } from '../../src/mapping/errors.ts'
import { examples, loaded, partsOf } from './examples.ts'
import type { Example } from './examples.ts'

const PAGE = 'docs/ids.md'

const HEAD = `# Ids

The id of a mapped resource is made from its row's key and never looked up: the same row gives the same id on every machine, for ever. It is \`<system>-<mark><key>[.<slot>]\`. Where that is no FHIR id (other characters, or more than 64), the first 32 hex digits of the SHA-256 of the key stand for the key. A slot tells apart several resources of one row; an array element that is known by its text has the first 8 hex digits of the SHA-256 of the trimmed text as its slot, so the order of the array does not matter.

These are the ids of the examples under \`mappings/\`; a test holds every one of them.

| mapping | resource | ids |
|---|---|---|
`

test('every mapping gives the ids that docs/ids.md lists', () => {
  const page = HEAD + rows().join('\n') + '\n'
  if (process.env['WRITE_DOCS']) writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
})

function rows(): string[] {
  const all = examples()
  return loaded.systems
    .flatMap(({ lenses }) => lenses)
    .map(({ name, type }) => {
      const ids = all.filter(({ lens }) => lens.name === name).flatMap(idsOf)
      return `| ${name} | ${type} | ${[...new Set(ids)]
        .sort()
        .map((id) => `\`${id}\``)
        .join(' ')} |`
    })
    .sort()
}

function idsOf(example: Example): string[] {
  try {
    return partsOf(example).map(({ id }) => id)
  } catch (error) {
    if (error instanceof MappingProblem) return []
    throw error
  }
}
