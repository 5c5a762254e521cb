/**
 * One word for several things: a number, a name, a phone number. Each way to understand it is asked in turn, and what the
 * first one finds is the answer; further pages go on with that one.
 */
import { GatewayError } from '../../kernel/errors.ts'
import type { Items } from './kind.ts'

export async function firstThatFinds(
  ways: readonly ((cursor: string | undefined) => Promise<Items>)[],
  cursor: string | undefined,
): Promise<Items> {
  if (cursor !== undefined) {
    const [, way = '', rest] = /^(\d+)\.(.+)$/.exec(cursor) ?? []
    const go = ways[Number(way)]
    if (!go || rest === undefined) throw new GatewayError('GW_BAD_REQUEST', 'This cursor is of another list.')
    return marked(await go(rest), Number(way))
  }
  for (const [way, go] of ways.entries()) {
    const found = await go(undefined)
    if (found.items.length > 0) return marked(found, way)
  }
  return { items: [] }
}

function marked({ items, cursor }: Items, way: number): Items {
  return { items, ...(cursor !== undefined && { cursor: `${way}.${cursor}` }) }
}
