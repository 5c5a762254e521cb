/** Cases again as entries of Bundles: each entry is decided as the request it stands for. */
import type { Case, Verdict } from './case.ts'
import { nameOf } from './case.ts'
import type { Ask, Reply } from './client.ts'
import type { View } from './seen.ts'

const ENTRIES = 12
const FHIR = { 'Content-Type': 'application/fhir+json' }

/** Reads and searches of one asker, some at a time; beside each stands what its answer is compared with. */
export function batchCases({ asker }: View, cases: readonly Case[], type: 'batch' | 'transaction'): Case[] {
  const fit = cases.filter(
    ({ ask: { method = 'GET', path, headers = {} } }) =>
      method === 'GET' && !path.startsWith('?') && Object.keys(headers).length === 0,
  )
  const count = Math.ceil(fit.length / ENTRIES)
  return Array.from({ length: count }, (_, index) => {
    const some = fit.slice(index * ENTRIES, (index + 1) * ENTRIES)
    const entry = some
      .flatMap(({ ask, never = ask }) => [ask, never])
      .map((ask) => ({ request: { method: 'GET', url: ask.path } }))
    const ask: Ask = {
      method: 'POST',
      path: '',
      headers: FHIR,
      body: JSON.stringify({ resourceType: 'Bundle', type, entry }),
    }
    return { by: asker, ask, wants: eachOf(some) }
  })
}

interface Entry {
  readonly resource?: unknown
  readonly response: { readonly status: string; readonly outcome?: unknown }
}

function eachOf(cases: readonly Case[]): Verdict {
  return ({ status, text }, never) => {
    if (status !== 200) return `${status} ${text.slice(0, 200)}`
    const { entry } = JSON.parse(text) as { readonly entry: readonly Entry[] }
    const replies = entry.map(replyOf)
    const wrong = cases.flatMap((each, index) => {
      const problem = each.wants(replies[2 * index] ?? never, replies[2 * index + 1] ?? never)
      return problem === undefined ? [] : [`${nameOf(each)}: ${problem}`]
    })
    return wrong.length === 0 ? undefined : wrong.join('; ')
  }
}

/** As it would have been answered by itself. */
function replyOf({ resource, response }: Entry): Reply {
  const status = Number.parseInt(response.status, 10)
  const challenge = status === 403 ? { 'www-authenticate': 'Bearer error="insufficient_scope"' } : {}
  return {
    status,
    headers: { 'content-type': 'application/fhir+json', ...challenge },
    text: JSON.stringify(resource ?? response.outcome ?? {}),
  }
}
