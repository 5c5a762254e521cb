/** One case of the matrix: who asks what, and what the oracle says the answer must be. */
import type { Asker } from './people.ts'
import type { Ask, Reply } from './client.ts'

export interface Case {
  readonly by: Pick<Asker, 'name' | 'base' | 'headers'>
  readonly ask: Ask
  readonly wants: Verdict
  /** its answer is what `wants` compares with */
  readonly never?: Ask
}

/** Undefined: right; else what is wrong, in a few words. */
export type Verdict = (reply: Reply, never: Reply) => string | undefined

/** In one line, and by it a case is run alone. */
export function nameOf({ by, ask: { method = 'GET', path, body, headers = {} } }: Case): string {
  const sent = [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [body]),
  ]
  return [by.name, method, path, ...sent].join(' ').slice(0, 400)
}

export function get(path: string, headers: Ask['headers'] = {}): Ask {
  return { path, headers }
}

/** The oracle is slow: it is asked when there is an answer to judge. */
export function later(verdict: () => Verdict): Verdict {
  return (reply, never) => verdict()(reply, never)
}

// ── verdicts ─────────────────────────────────────────────────────────────────────────────────────

export function is(...statuses: readonly number[]): Verdict {
  return ({ status, text }) => (statuses.includes(status) ? undefined : `${status} ${text.slice(0, 200)}`)
}

/** 403 for want of a scope, whatever is stored. */
export const refused: Verdict = ({ status, headers, text }) =>
  status === 403 && headers['www-authenticate'] === 'Bearer error="insufficient_scope"'
    ? undefined
    : `${status} instead of insufficient_scope: ${text.slice(0, 200)}`

/** Byte for byte what is answered for what never was: status, body and headers, but for the time and the request. */
export const asNever: Verdict = (reply, never) => {
  const [one, other] = [bare(reply), bare(never)]
  return one === other ? undefined : `${one.slice(0, 300)} is not ${other.slice(0, 300)}`
}

export const asNeverAndMissing: Verdict = (reply, never) => is(404)(reply, never) ?? asNever(reply, never)

function bare({ status, headers, text }: Reply): string {
  const { date: _date, 'x-request-id': _request, 'x-correlation-id': _correlation, ...rest } = headers
  return JSON.stringify([status, rest, text])
}

/** A Bundle with these resources and no others; what is counted are the matches. */
export function finds(names: readonly string[], total?: number): Verdict {
  return ({ status, text }) => {
    if (status !== 200) return `${status} ${text.slice(0, 200)}`
    const { entry = [], total: said } = JSON.parse(text) as Found
    const found = entry.map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
    return differs(found, names) ?? (total !== undefined && said !== total ? `total ${said}, not ${total}` : undefined)
  }
}

interface Found {
  readonly total?: number
  readonly entry?: readonly { readonly resource?: { readonly resourceType: string; readonly id: string } }[]
}

/** As many as that, and none is shown. */
export function counts(total: number): Verdict {
  return ({ status, text }) => {
    if (status !== 200) return `${status} ${text.slice(0, 200)}`
    const { entry = [], total: said } = JSON.parse(text) as Found
    return said === total && entry.length === 0 ? undefined : `total ${said}, not ${total}`
  }
}

export function differs(found: readonly string[], wanted: readonly string[]): string | undefined {
  const [one, other] = [[...found].sort(), [...wanted].sort()]
  if (JSON.stringify(one) === JSON.stringify(other)) return undefined
  const more = one.filter((each) => !other.includes(each))
  const less = other.filter((each) => !one.includes(each))
  return `too many: ${more.join(' ') || 'none'}; missing: ${less.join(' ') || 'none'}`
}
