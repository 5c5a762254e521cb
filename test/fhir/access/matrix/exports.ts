/** Exports of those who may: each file holds what its asker may search, and is for nobody else. */
import { setTimeout as sleep } from 'node:timers/promises'
import { linksOf } from '../../../support/search-oracle/ask.ts'
import { differs } from './case.ts'
import type { Client, Reply } from './client.ts'
import type { Asker } from './people.ts'
import { hasScope, wide } from './rights.ts'
import { allIn, at, named, seenWorld } from './seen.ts'
import type { View } from './seen.ts'
import { compartment, patientsIn } from './whose.ts'

const ASYNC = { Prefer: 'respond-async', Accept: 'application/fhir+json' }
const PATHS = ['$export', 'Patient/$export', 'Group/one/$export']

export interface Export {
  readonly view: View
  readonly path: string
}

/** Of everybody whose rights go beyond single patients, of one kind each. */
export function exportsOf(views: readonly View[]): Export[] {
  const able = views.filter(({ asker }) => hasScope(wide(asker.rules), 's'))
  return able.map((view, index) => {
    const path = PATHS[index % PATHS.length] ?? ''
    return { view, path: isAsked(view, path) ? path : '$export' }
  })
}

function isAsked({ asker, held }: View, path: string): boolean {
  return (
    !path.startsWith('Group/') || (hasScope(asker.rules, 'r', 'Group') && at(held.current, 'Group/one') !== undefined)
  )
}

/** What is wrong with it, a line each. `others`: who must not have it. */
export async function exportFailures(
  client: Client,
  { view, path }: Export,
  others: readonly Asker[],
): Promise<string[]> {
  const { asker } = view
  const send = (url: string, by: Asker = asker): Promise<Reply> =>
    client.send(by.base, { path: pathIn(url), headers: ASYNC }, by.headers)
  const begun = await send(path)
  const status = begun.headers['content-location']
  const name = `${asker.name} ${path}`
  if (begun.status !== 202 || typeof status !== 'string')
    return [`${name}: ${begun.status} ${begun.text.slice(0, 200)}`]
  const done = await ended(() => send(status))
  if (done.status !== 200) return [`${name}: ${done.status} ${done.text.slice(0, 200)}`]
  const { output } = JSON.parse(done.text) as { readonly output: readonly { readonly url: string }[] }
  const files = await Promise.all(output.map(({ url }) => send(url)))
  const found = files
    .flatMap(({ text }) => text.split('\n').filter((line) => line !== ''))
    .map((line) => named(JSON.parse(line) as never))
  const wrong = differs(found, wanted(view, path))
  const taken = await Promise.all(
    [status, ...output.slice(0, 1).map(({ url }) => url)].flatMap((url) => others.map((other) => send(url, other))),
  )
  const open = taken
    .filter((reply) => ![401, 404].includes(reply.status))
    .map((reply) => `${name}: somebody else is answered ${reply.status}`)
  return [...(wrong === undefined ? [] : [`${name}: ${wrong}`]), ...open]
}

function pathIn(url: string): string {
  return url.startsWith('http') ? new URL(url).pathname : url
}

async function ended(ask: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await ask()
    if (![202, 429, 503].includes(reply.status)) return reply
    await sleep(1_000)
  }
}

/** Of patients: what is in their compartments, and Provenances about that. */
function wanted({ asker, held }: View, path: string): string[] {
  const seen = allIn(seenWorld(held, wide(asker.rules), 's'))
  if (path === '$export') return seen.map(named)
  const isMember = (patients: readonly string[]): boolean =>
    path.startsWith('Group/') ? patients.includes('p1') : patients.length > 0
  const members = seen.filter((each) => {
    const { resourceType, id } = each
    if (resourceType === 'Patient' && isMember([id])) return true
    return resourceType !== 'Provenance' && compartment.has(resourceType) && isMember(patientsIn(each))
  })
  const names = new Set(members.map(named))
  const about = seen.filter(
    (each) => each.resourceType === 'Provenance' && linksOf(each, 'target').some((link) => names.has(link)),
  )
  return [...members, ...about].map(named)
}
