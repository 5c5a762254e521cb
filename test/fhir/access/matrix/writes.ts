/**
 * Cases of writes that must be refused, so that nothing changes: of what is not one's own, of what may be seen only, out of
 * one's own into another record, and by conditions that lead to what is hidden.
 */
import type { Resource } from '../../../support/search-oracle/ask.ts'
import { asNever, asNeverAndMissing, is, refused } from './case.ts'
import type { Case } from './case.ts'
import type { Ask } from './client.ts'
import { isNative } from './reads.ts'
import { hasAll, hasScope, may, typeIn } from './rights.ts'
import { at, lastOf, versionsSeen } from './seen.ts'
import type { View } from './seen.ts'

const FHIR = { 'Content-Type': 'application/fhir+json' }
const PATCH = { 'Content-Type': 'application/json-patch+json' }
const LETTERS = { PUT: 'u', PATCH: 'u', DELETE: 'd', POST: 'c' } as const
const NEVER = 'never-was'

export function writeCases(view: View): Case[] {
  const names = [...view.held.versions.keys()].filter(isNative)
  return [
    ...names.flatMap((name) =>
      (['PUT', 'PATCH', 'DELETE'] as const).flatMap((method) => plainCase(view, method, name)),
    ),
    ...names.flatMap((name) => conditionalCases(view, name)),
    ...escapes(view),
  ]
}

function bodyOf(view: View, name: string): Resource {
  const last = lastOf(view.held.versions.get(name) ?? [])
  const { meta: _meta, ...rest } = (last ?? { resourceType: typeIn(name), id: idIn(name) }) as Resource & {
    meta?: unknown
  }
  return rest
}

function askOf(view: View, method: 'PUT' | 'PATCH' | 'DELETE', name: string, id: string): Ask {
  const path = `${typeIn(name)}/${id}`
  if (method === 'DELETE') return { method, path }
  if (method === 'PUT') return { method, path, headers: FHIR, body: JSON.stringify({ ...bodyOf(view, name), id }) }
  return { method, path, headers: PATCH, body: '[{"op":"add","path":"/language","value":"en"}]' }
}

function plainCase(view: View, method: 'PUT' | 'PATCH' | 'DELETE', name: string): Case[] {
  const { asker, held, either } = view
  const ask = askOf(view, method, name, idIn(name))
  const letter = LETTERS[method]
  if (!hasScope(asker.rules, letter, typeIn(name), idIn(name))) return [{ by: asker, ask, wants: refused }]
  const current = at(held.current, name)
  if (current && may(asker.rules, letter, current)) return []
  if (current && at(either, name)) return [{ by: asker, ask, wants: is(403) }]
  // Deleted, and known to have been: to be made anew by who may create anything
  if (
    !current &&
    (hasAll(asker.rules, 'c', typeIn(name)) || versionsSeen(asker.rules, 'r', held.versions.get(name) ?? []).length > 0)
  )
    return []
  return [{ by: asker, ask, never: askOf(view, method, name, NEVER), wants: asNeverAndMissing }]
}

/** A condition finds what may be searched; that nothing is found is told in the same words for what is hidden. */
function conditionalCases(view: View, name: string): Case[] {
  const { asker, held, search } = view
  const [type, id] = [typeIn(name), idIn(name)]
  if (!at(held.current, name) || at(search, name)) return []
  const outside = JSON.stringify({ ...bodyOf(view, name), id: undefined })
  const asks = (of: string): (Ask & { readonly method: 'PUT' | 'PATCH' | 'DELETE' | 'POST' })[] => [
    { method: 'DELETE', path: `${type}?_id=${of}` },
    {
      method: 'PATCH',
      path: `${type}?_id=${of}`,
      headers: PATCH,
      body: '[{"op":"add","path":"/language","value":"en"}]',
    },
    { method: 'PUT', path: `${type}?_id=${of}`, headers: FHIR, body: outside },
    { method: 'POST', path: type, headers: { ...FHIR, 'If-None-Exist': `_id=${of}` }, body: outside },
  ]
  const nevers = asks(NEVER)
  return asks(id).flatMap((ask, index): Case[] => {
    const letter = LETTERS[ask.method]
    const isOpen = hasScope(asker.rules, letter, type) && hasScope(asker.rules, 's', type)
    if (!isOpen) return [{ by: asker, ask, wants: refused }]
    const creates = ask.method === 'PUT' || ask.method === 'POST'
    if (creates && may(asker.rules, 'c', bodyOf(view, name))) return []
    const never = nevers[index]
    return never ? [{ by: asker, ask, never, wants: asNever }] : []
  })
}

/** Out of one's own record into that of another, and new ones of others. */
function escapes(view: View): Case[] {
  const { asker, held } = view
  return ['Observation/o1', 'Observation/o2', 'Condition/c1', 'Condition/c2', 'Appointment/one'].flatMap((name) => {
    const current = at(held.current, name)
    if (!current) return []
    const other = JSON.stringify(bodyOf(view, name)).replaceAll(/Patient\/p[12]"/g, (text) =>
      text.includes('p1') ? 'Patient/p2"' : 'Patient/p1"',
    )
    const body = JSON.parse(other) as Resource
    const created: Ask = {
      method: 'POST',
      path: typeIn(name),
      headers: FHIR,
      body: JSON.stringify({ ...body, id: undefined }),
    }
    const moved: Ask = { method: 'PUT', path: name, headers: FHIR, body: other }
    return [
      ...(may(asker.rules, 'c', body) ? [] : [outside(view, 'c', created, name)]),
      ...(!may(asker.rules, 'u', body) && may(asker.rules, 'u', current) ? [outside(view, 'u', moved, name)] : []),
    ]
  })
}

function outside({ asker }: View, letter: string, ask: Ask, name: string): Case {
  return { by: asker, ask, wants: hasScope(asker.rules, letter, typeIn(name)) ? is(403) : refused }
}

function idIn(name: string): string {
  return name.split('/')[1] ?? ''
}
