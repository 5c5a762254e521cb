/** In which order the writes of a transaction are done (R4 http.html#trules), and that none contradicts another. */
import { GatewayError } from '../../kernel/errors.ts'
import type { Operation } from '../../projection/operation.ts'
import { referencesIn } from './links.ts'

export interface Planned {
  readonly index: number
  readonly operation: Operation
}

/** No resource twice: which of the two holds would depend on the order. */
export function assertDistinct(planned: readonly Planned[]): void {
  const seen = new Set<string>()
  for (const { operation } of planned) {
    if (!('id' in operation)) continue
    const name = `${operation.type}/${operation.id}`
    if (seen.has(name)) {
      throw new GatewayError('GW_BAD_REQUEST', 'A transaction names a resource once only.', {
        expression: `${operation.at ?? 'Bundle.entry'}.request`,
      })
    }
    seen.add(name)
  }
}

const RANK = { DELETE: 0, POST: 1, PUT: 2 } as const

/** Deletes, creates, updates; what is given its id only by the write comes before those that refer to it. */
export function inOrder(planned: readonly Planned[]): Planned[] {
  const byUrl = new Map(
    planned.flatMap((each) => {
      const { operation } = each
      const url = operation.method === 'DELETE' || 'id' in operation ? undefined : operation.fullUrl
      return url === undefined ? [] : [[url, each] as const]
    }),
  )
  const done = new Set<Planned>()
  const visiting = new Set<Planned>()
  const visit = (each: Planned): void => {
    if (done.has(each)) return
    if (visiting.has(each)) throw circle(each.index)
    visiting.add(each)
    for (const url of referencesOf(each)) {
      const other = byUrl.get(url)
      if (other && other !== each) visit(other)
    }
    done.add(each)
  }
  for (const each of [...planned].sort((a, b) => RANK[a.operation.method] - RANK[b.operation.method])) visit(each)
  return [...done]
}

function referencesOf({ operation }: Planned): string[] {
  return operation.method === 'DELETE' ? [] : referencesIn(operation.resource)
}

function circle(index: number): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', 'Entries refer to one another in a circle; create one of them first.', {
    expression: `Bundle.entry[${index}].resource`,
  })
}
