/** Cases of one resource: read, vread, its history, its bytes; and all that asks for what never was. */
import type { Resource } from '../../../support/search-oracle/ask.ts'
import { asNeverAndMissing, differs, get, is, refused } from './case.ts'
import type { Case, Verdict } from './case.ts'
import type { Ask } from './client.ts'
import { hasScope, typeIn } from './rights.ts'
import { at, isOpen, lastOf, named, versionsSeen } from './seen.ts'
import type { View } from './seen.ts'
import type { Version } from './world.ts'

/** Every resource there is or was, by everybody. */
export function readCases(view: View): Case[] {
  return [...view.held.versions].flatMap(([name, versions]) => [
    readCase(view, name, versions),
    ...(isNative(name) || versions.length > 1
      ? [
          headCase(view, name, versions),
          historyCase(view, name, versions),
          ...versions.map((each) => vreadCase(view, each, versions)),
        ]
      : []),
    ...(typeIn(name) === 'Binary' ? bytesCases(view, name, versions) : []),
  ])
}

export function isNative(name: string): boolean {
  return !/\/(hms|qivr|sop|healthapi)-/.test(name)
}

/** The same of an id that nobody ever gave. */
export function neverOf(name: string): string {
  return name.replace(/^(\w+\/)[^/?]+/, '$1never-was')
}

function readCase(view: View, name: string, versions: readonly Version[]): Case {
  return one(view, get(name), name, versions, (resource) => shows(resource))
}

function headCase(view: View, name: string, versions: readonly Version[]): Case {
  return one(view, { method: 'HEAD', path: name }, name, versions, () => is(200))
}

function vreadCase(view: View, { version, resource }: Version, versions: readonly Version[]): Case {
  const [first] = versions
  const name = first?.name ?? ''
  const { asker } = view
  const ask = get(`${name}/_history/${version}`)
  const never = get(`${neverOf(name)}/_history/${version}`)
  if (!hasScope(asker.rules, 'r', typeIn(name), idIn(name))) return { by: asker, ask, wants: refused }
  const isSeen =
    isFileSeen(view, versions) || versionsSeen(asker.rules, 'r', versions).some((each) => each.version === version)
  if (!isSeen) return { by: asker, ask, never, wants: asNeverAndMissing }
  return { by: asker, ask, wants: resource ? shows(resource) : is(410) }
}

function historyCase(view: View, name: string, versions: readonly Version[]): Case {
  const { asker } = view
  const ask = get(`${name}/_history`)
  if (!hasScope(asker.rules, 'r', typeIn(name), idIn(name))) return { by: asker, ask, wants: refused }
  const seen = versionsSeen(asker.rules, 'r', versions)
  if (!isOpen(asker.rules, 'r', versions))
    return { by: asker, ask, never: get(`${neverOf(name)}/_history`), wants: asNeverAndMissing }
  return { by: asker, ask, wants: lists(seen.map(({ version }) => `${name}/${version}`)) }
}

function one(
  view: View,
  ask: Ask,
  name: string,
  versions: readonly Version[],
  shown: (resource: Resource) => Verdict,
): Case {
  const { asker, held } = view
  const [type, id] = [typeIn(name), idIn(name)]
  if (!hasScope(asker.rules, 'r', type, id)) return { by: asker, ask, wants: ask.method === 'HEAD' ? is(403) : refused }
  const isSeen = isOpen(asker.rules, 'r', versions) || isFileSeen(view, versions)
  if (!isSeen) return { by: asker, ask, never: { ...ask, path: neverOf(ask.path) }, wants: asNeverAndMissing }
  const current = at(held.current, name)
  return { by: asker, ask, wants: current ? shown(current) : is(410) }
}

/** The bytes, whole and in part. */
function bytesCases(view: View, name: string, versions: readonly Version[]): Case[] {
  const native = { Accept: 'text/plain' }
  return [native, { ...native, Range: 'bytes=0-0' }].map((headers) =>
    one(
      view,
      get(name, headers),
      name,
      versions,
      () => (reply) => (reply.text === 'x' ? undefined : reply.text.slice(0, 200)),
    ),
  )
}

/** A Binary is read by who sees what it belongs to. */
function isFileSeen({ either }: View, versions: readonly Version[]): boolean {
  const last = lastOf(versions)
  const { reference } = (last?.['securityContext'] ?? {}) as { readonly reference?: string }
  return last?.resourceType === 'Binary' && reference !== undefined && at(either, reference) !== undefined
}

/** This very version of it. */
function shows(resource: Resource): Verdict {
  return ({ status, text, headers }) => {
    if (status !== 200) return `${status} ${text.slice(0, 200)}`
    if (!headers['content-type']?.startsWith('application/fhir+json')) return undefined
    const said = JSON.parse(text) as Resource
    const version = (each: Resource): unknown => (each['meta'] as { readonly versionId: string }).versionId
    return named(said) === named(resource) && version(said) === version(resource) ? undefined : named(said)
  }
}

interface History {
  readonly total?: number
  readonly entry?: readonly { readonly fullUrl: string; readonly response: { readonly etag: string } }[]
}

/** These versions: `Patient/1/2` */
export function lists(wanted: readonly string[]): Verdict {
  return ({ status, text }) => {
    if (status !== 200) return `${status} ${text.slice(0, 200)}`
    const { entry = [], total } = JSON.parse(text) as History
    const found = entry.map(
      ({ fullUrl, response }) => `${fullUrl.replace(/.*\/R4\//, '')}/${/\d+/.exec(response.etag)?.[0]}`,
    )
    return differs(found, wanted) ?? (total !== undefined && total !== wanted.length ? `total ${total}` : undefined)
  }
}

function idIn(name: string): string {
  return name.split('/')[1] ?? ''
}
