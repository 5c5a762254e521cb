/**
 * `concepts`: columns of all rows of a catalogue → the concepts of a CodeSystem, one a row. Read only.
 *
 * `members` says what each column is: `code`, `display`, `definition`, or a designation by its language (`ar`). Codes
 * are unique in a CodeSystem (csd-1), so of rows with the same code the first one stands.
 */
import type { CodecDefinition } from '../codec.ts'
import { readText } from './text.ts'

type Member = 'code' | 'display' | 'definition' | { readonly designation: string }

interface Concept {
  code?: string
  display?: string
  definition?: string
  designation?: { readonly language: string; readonly value: string }[]
}

function conceptOf(members: readonly Member[], columns: readonly unknown[], row: number): Concept {
  const concept: Concept = {}
  for (const [index, member] of members.entries()) {
    const text = readText((columns[index] as readonly unknown[] | null)?.[row])
    if (text === undefined) continue
    if (typeof member === 'string') concept[member] = text
    else (concept.designation ??= []).push({ language: member.designation, value: text })
  }
  return concept
}

function read(members: readonly Member[], stored: unknown): Concept[] | undefined {
  const columns = stored as readonly (readonly unknown[] | null)[]
  const rows = Math.max(...columns.map((column) => column?.length ?? 0))
  const byCode = new Map<string, Concept>()
  for (let row = 0; row < rows; row++) {
    const concept = conceptOf(members, columns, row)
    if (concept.code !== undefined && !byCode.has(concept.code)) byCode.set(concept.code, concept)
  }
  return byCode.size > 0 ? [...byCode.values()] : undefined
}

const member = {
  anyOf: [
    { enum: ['code', 'display', 'definition'] },
    {
      type: 'object',
      required: ['designation'],
      additionalProperties: false,
      properties: { designation: { type: 'string' } },
    },
  ],
}

export const concepts: CodecDefinition = {
  name: 'concepts',
  types: ['CodeSystem.concept'],
  fields: 'any',
  list: true,
  options: { members: { type: 'array', items: member, minItems: 1 } },
  make(options) {
    const members = options['members'] as readonly Member[] | undefined
    if (!members?.includes('code')) throw new Error('the codec "concepts" needs "members", one of them "code"')
    return { read: (stored) => read(members, stored) }
  },
}
