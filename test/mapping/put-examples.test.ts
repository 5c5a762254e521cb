/** What a put and its settlement do with whole examples: what need not be sent, and what is kept beside the row. */
import { expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import type { Part, Rows } from '../../src/mapping/lens.ts'
import { contextOf, examples, partsOf } from './examples.ts'
import type { Example } from './examples.ts'

const all = examples()

function exampleOf(name: string): Example & { readonly part: Part; readonly twin: Resource } {
  const example = all.find((each) => each.name === name) as Example
  return { ...example, part: partsOf(example)[0] as Part, twin: example.resources[0] as Resource }
}

test('a constant may be said in more words, which are kept', () => {
  const { lens, part, twin, ...example } = exampleOf('healthapi/lab-order.completed')
  const context = contextOf({ lens, ...example })
  const coding = {
    system: 'http://snomed.info/sct',
    code: '108252007',
    display: 'Laboratory procedure',
    userSelected: true,
  }
  const sent = { ...twin, category: [{ coding: [coding], text: 'Labor' }] } as Resource
  expect(lens.put(part, sent, context)).toBe(part.rows)
  const beside = JSON.stringify(lens.settle('', sent, twin, twin))
  expect(beside).toContain('Labor')
  expect(beside).toContain('userSelected')
})

test('what the gateway makes may be left out', () => {
  const { lens, part, twin, ...example } = exampleOf('healthapi/medical-record.full')
  const { encounter: _made, ...rest } = twin as Resource & { encounter: object }
  expect(lens.put(part, rest, contextOf({ lens, ...example }))).toBe(part.rows)
})

test('the markup of a narrative is kept beside the row that holds its text', () => {
  const { lens, part, twin, ...example } = exampleOf('healthapi/medical-record.bare')
  const context = contextOf({ lens, ...example })
  const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>ok</p></div>'
  const sent = { ...twin, section: [{ title: 'Notes', text: { status: 'generated', div } }] } as Resource
  const rows: Rows = lens.put(part, sent, context)
  const after = lens.get({ ...part, rows }, context) as Resource
  expect(rows['r']).toMatchObject({ notes: 'ok' })
  expect(JSON.stringify(lens.settle('', sent, twin, after))).toContain(JSON.stringify(div))
})
