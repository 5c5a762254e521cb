/**
 * `records` + `url`, `members`: a JSON array of objects → one complex Extension an object; read only.
 *
 * `members: { amount: money, method: text, date: date }` names the members that go out and the codec of each; a member
 * that cannot be read is left out and counted, for the rest of the record is still true.
 */
import type { Codec, CodecContext, CodecDefinition, CodecOptions } from '../codec.ts'
import { UnreadableError } from '../errors.ts'
import { date } from './date.ts'
import { readJson } from './json-column.ts'
import { money, moneyOptions } from './money.ts'
import { text } from './text.ts'

const KINDS = {
  text: { value: 'valueString', of: text },
  money: { value: 'valueMoney', of: money },
  date: { value: 'valueDate', of: date },
} as const

interface Member {
  readonly name: string
  readonly value: string
  readonly codec: Codec
}

function membersOf(options: CodecOptions): Member[] {
  const members = (options['members'] ?? {}) as Readonly<Record<string, keyof typeof KINDS>>
  return Object.entries(members).map(([name, kind]) => {
    const { value, of } = KINDS[kind]
    return { name, value, codec: of.make({ ...options, type: of.types[0] ?? 'string' }) }
  })
}

function partOf({ name, value, codec }: Member, record: object, context: CodecContext): object[] {
  const stored = (record as Readonly<Record<string, unknown>>)[name]
  if (stored === undefined || stored === null || stored === '') return []
  try {
    const found = codec.read(stored, context)
    return found === undefined ? [] : [{ url: name, [value]: found }]
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error
    context.warn(`${name}: ${error.message}`)
    return []
  }
}

function read(stored: unknown, url: string, members: readonly Member[], context: CodecContext): object[] | undefined {
  const records = readJson(stored, context)
  if (!Array.isArray(records)) return undefined
  const found = records.flatMap((record: unknown) => {
    if (typeof record !== 'object' || record === null) return []
    const extension = members.flatMap((member) => partOf(member, record, context))
    return extension.length > 0 ? [{ url, extension }] : []
  })
  return found.length > 0 ? found : undefined
}

export const records: CodecDefinition = {
  name: 'records',
  types: ['Extension'],
  fields: 1,
  list: true,
  options: {
    ...moneyOptions,
    url: { type: 'string', minLength: 1 },
    members: { type: 'object', minProperties: 1, additionalProperties: { enum: Object.keys(KINDS) } },
  },
  make(options) {
    const { url } = options
    if (typeof url !== 'string') throw new Error('the codec "records" needs a "url": of its extension')
    const members = membersOf(options)
    return { read: (stored, context) => read(stored, url, members, context) }
  },
}
