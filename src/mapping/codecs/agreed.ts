/**
 * `agreed`: a column of several rows → what the codec named by `of` gives, when at least two rows say so and none says
 * otherwise or nothing (entities §3.6: one account may hold cases of several people). Read only.
 */
import type { CodecDefinition } from '../codec.ts'
import { covers } from './covers.ts'

export const agreed: CodecDefinition = {
  name: 'agreed',
  types: ['code', 'string', 'date', 'boolean'],
  fields: 1,
  table: 'optional',
  make: ({ of }) => {
    if (!of) throw new Error('the codec "agreed" needs an "of": the codec of one value')
    return {
      read(stored, context) {
        const said = (stored as readonly unknown[]).map((each) => (each === null ? undefined : of.read(each, context)))
        const [first, second] = said
        if (first === undefined || second === undefined) return undefined
        return said.every((each) => covers(first, each) && covers(each, first)) ? first : undefined
      },
    }
  },
}
