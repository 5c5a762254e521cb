/**
 * `list-of`: an array, or JSON text of one, ↔ the list of what the codec named by `of` gives; '' and null are skipped.
 *
 * On write an item that reads as what was sent stays as it is, wherever it moved to.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { readJson, storeJson } from './json-column.ts'

function isFilled(item: unknown): boolean {
  return item !== null && item !== undefined && item !== ''
}

function itemsOf(stored: unknown, context: CodecContext): readonly unknown[] {
  const array = readJson(stored, context)
  if (array === undefined) return []
  if (Array.isArray(array)) return array.filter(isFilled)
  context.warn('the value is not a list')
  return []
}

function read(of: Codec, stored: unknown, context: CodecContext): unknown[] | undefined {
  const list: unknown[] = []
  for (const item of itemsOf(stored, context)) {
    const value = of.read(item, context)
    if (value !== undefined) list.push(value)
  }
  return list.length > 0 ? list : undefined
}

function write(of: Codec, fhir: readonly unknown[], before: unknown, context: CodecContext): unknown {
  if (!of.write) throw new NotStorableError('This list is read only.')
  const rest = itemsOf(before ?? [], context).map((item) => ({ item, value: of.read(item, context) }))
  const list = fhir.map((value) => {
    const at = rest.findIndex((each) => covers(each.value, value) && covers(value, each.value))
    return at < 0 ? of.write?.(value, null, context) : rest.splice(at, 1)[0]?.item
  })
  return storeJson(list, before)
}

export const listOf: CodecDefinition = {
  name: 'list-of',
  types: [],
  fields: 1,
  list: true,
  table: 'optional',
  make: ({ of }) => {
    if (!of) throw new Error('the codec "list-of" needs an "of": the codec of one item')
    return {
      read: (stored, context) => read(of, stored, context),
      write(fhir, before, context) {
        const list = (fhir ?? []) as readonly unknown[]
        return list.length === 0 ? storeJson(undefined, before) : write(of, list, before, context)
      },
    }
  },
}
