/** In which order the writes of a transaction are done (R4 http.html#trules), and that none contradicts another. */
import { GatewayError } from '../../kernel/errors.ts'
import type { Operation } from '../../projection/operation.ts'
import { linksIn } from '../../r4/links.ts'

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

/**
 * Deletes, creates, updates; what is made comes before what refers to it. In a circle somebody must come before what it
 * refers to: that can be what has its id already (`reserved`). Where nothing has, the transaction is refused (422).
 */
export function inOrder(planned: readonly Planned[]): Planned[] {
  const all = unnamed(planned)
  try {
    return sorted(planned, all)
  } catch (error) {
    if (!(error instanceof CircleError)) throw error
    const later = all.filter(({ operation }) => !('reserved' in operation))
    return sorted(planned, later)
  }
}

/** Those that get their id only by the write. */
function unnamed(planned: readonly Planned[]): Planned[] {
  return planned.filter(({ operation }) => operation.method !== 'DELETE' && !('id' in operation))
}

function sorted(planned: readonly Planned[], targets: readonly Planned[]): Planned[] {
  const byUrl = new Map(targets.flatMap((each) => (each.operation.fullUrl ? [[each.operation.fullUrl, each]] : [])))
  const done = new Set<Planned>()
  const visiting = new Set<Planned>()
  const visit = (each: Planned): void => {
    if (done.has(each)) return
    if (visiting.has(each)) throw new CircleError(each.index)
    visiting.add(each)
    for (const url of linksOf(each)) {
      const other = byUrl.get(url)
      if (other && other !== each) visit(other)
    }
    done.add(each)
  }
  for (const each of [...planned].sort((a, b) => RANK[a.operation.method] - RANK[b.operation.method])) visit(each)
  return [...done]
}

function linksOf({ operation }: Planned): string[] {
  return operation.method === 'DELETE' ? [] : linksIn(operation.resource)
}

const CIRCLE =
  'Entries refer to one another in a circle, and none of them has an id before it is made, since a source gives it or a ' +
  'condition decides: create one of them first without its reference, then update it.'

class CircleError extends GatewayError {
  constructor(index: number) {
    super('GW_UNPROCESSABLE', CIRCLE, { expression: `Bundle.entry[${index}].resource` })
  }
}
