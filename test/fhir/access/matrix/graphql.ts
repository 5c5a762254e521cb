/** Cases of GraphQL: the lists, the one by its id, what it refers to and what refers to it are those of REST. */
import { differs, get, later } from './case.ts'
import type { Case, Verdict } from './case.ts'
import { hasScope } from './rights.ts'
import { at, named, searched } from './seen.ts'
import type { View } from './seen.ts'

interface Row {
  readonly id: string
  readonly subject?: { readonly resource?: { readonly id?: string } | null }
}

export function graphqlCases(view: View): Case[] {
  return [
    ...[...view.held.current.keys()].sort().flatMap((type) => listCases(view, type)),
    ...readCases(view),
    ...backCases(view),
  ]
}

function listCases(view: View, type: string): Case[] {
  const { asker, search } = view
  const wants = hasScope(asker.rules, 's', type) ? lists((search.get(type) ?? []).map(({ id }) => id)) : tellsForbidden
  return [
    { by: asker, ask: ask(`{ all: ${type}List(_count: 500) { id } }`), wants },
    {
      by: asker,
      ask: ask(`{ connection: ${type}Connection(_count: 500) { count edges { resource { id } } } }`),
      wants: hasScope(asker.rules, 's', type) ? connects((search.get(type) ?? []).map(({ id }) => id)) : tellsForbidden,
    },
  ]
}

function readCases(view: View): Case[] {
  const { asker, held, read } = view
  return [...held.current].flatMap(([type, all]) =>
    [all[0], all.at(-1)].flatMap((each): Case[] => {
      if (!each) return []
      const one = ask(`{ ${type}(id: "${each.id}") { id } }`)
      const never = ask(`{ ${type}(id: "never-was") { id } }`)
      if (at(read, named(each))) return [{ by: asker, ask: one, wants: says(`"id":"${each.id}"`) }]
      return [
        {
          by: asker,
          ask: one,
          never,
          wants: (reply, other) => (reply.text === other.text ? undefined : reply.text.slice(0, 300)),
        },
      ]
    }),
  )
}

/** From Observations to their subjects, and from patients to what is theirs. */
function backCases(view: View): Case[] {
  const { asker, held, search, read } = view
  const forward: Case = {
    by: asker,
    ask: ask('{ all: ObservationList(_count: 500) { id subject { resource { ... on Patient { id } } } } }'),
    wants: hasScope(asker.rules, 's', 'Observation')
      ? ({ text }) => {
          const shown = rowsIn(text).flatMap(({ subject }) => subject?.resource?.id ?? [])
          const hidden = shown.filter((id) => !at(read, `Patient/${id}`))
          return hidden.length === 0
            ? lists((search.get('Observation') ?? []).map(({ id }) => id))(
                { status: 200, headers: {}, text },
                { status: 200, headers: {}, text },
              )
            : `shows ${hidden.join(' ')}`
        }
      : tellsForbidden,
  }
  const back = (held.current.get('Patient') ?? []).flatMap((patient): Case[] => {
    if (!at(read, named(patient)) || !hasScope(asker.rules, 's', 'Observation')) return []
    const query = `{ Patient(id: "${patient.id}") { all: ObservationList(_reference: "patient", _count: 500) { id } } }`
    const found = (): string[] =>
      searched(view, 'Observation', [['patient', named(patient)]]).map((name) => name.replace(/.*\//, ''))
    return [{ by: asker, ask: ask(query), wants: later(() => lists(found())) }]
  })
  return [forward, ...back]
}

function ask(query: string) {
  return get(`$graphql?query=${encodeURIComponent(query)}`)
}

const tellsForbidden: Verdict = ({ status, text }) =>
  status === 200 && text.includes('forbidden') && !text.includes('"id"') ? undefined : `${status} ${text.slice(0, 200)}`

function says(part: string): Verdict {
  return ({ text }) => (text.includes(part) ? undefined : text.slice(0, 200))
}

function lists(ids: readonly string[]): Verdict {
  return ({ text }) =>
    differs(
      rowsIn(text).map(({ id }) => id),
      ids,
    )
}

function connects(ids: readonly string[]): Verdict {
  return ({ text }) => {
    const { data } = JSON.parse(text) as { data: { connection: { count: number; edges: { resource: Row }[] } } }
    const { count, edges } = data.connection
    return count === ids.length
      ? differs(
          edges.map(({ resource }) => resource.id),
          ids,
        )
      : `count ${count}`
  }
}

/** The list that was asked for as `all`, wherever it stands. */
function rowsIn(text: string): Row[] {
  const { data } = JSON.parse(text) as { data: { all?: Row[]; Patient?: { all?: Row[] } } }
  return data.all ?? data.Patient?.all ?? []
}
