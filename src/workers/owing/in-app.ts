/**
 * Messages in the app of a source (`in-app` of its jobs): whoever signs in there finds the row that its app reads, made in
 * the commit that keeps the message as sent.
 */
import type { Identifier } from '@medplum/fhirtypes'
import { sourceIdentifierSystem } from '../../mapping/identity.ts'
import type { InApp, InLanguages } from '../../mapping/in-app.ts'
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { CollectionPlan, Plan } from '../../projection/plan.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import type { KindParts } from './kind.ts'
import { sourcesWith } from './kind.ts'
import type { Letter, Sent } from './post.ts'
import { momentIn } from './row-columns.ts'
import { worded } from './wording.ts'

export interface Shown {
  /** what it says there */
  readonly sent: Sent
  change(at: Date): RowChange
}

/** `about`: references of what it is about. Undefined: no app shows it to them. */
export type ShowInApp = (letter: Letter, about: readonly string[]) => Promise<Shown | undefined>

const JOB = 'in-app'

/** `mayBeShown`: whether the person has nothing against it. */
export function inApps(parts: KindParts, mayBeShown: (letter: Letter) => Promise<boolean>): ShowInApp {
  const read = plainReader(parts.store)
  return async (letter, about) => {
    const plan = parts.plan()
    if (sourcesWith(plan, JOB).length === 0) return undefined
    const { tenant, recipient, template } = letter
    const person = await read(`${tenant}/${recipient.resourceType}/${recipient.id ?? ''}`)
    const place = person && placeOf(plan, person, template)
    if (!place || !(await mayBeShown(letter))) return undefined
    const others = await Promise.all(about.map((reference) => read(`${tenant}/${reference}`)))
    const own = others.filter((each) => each?.origin?.instance === place.plan.instance)
    const row = rowOf(place, letter, [person, ...own.flatMap((each) => each ?? [])], plan.base)
    return (
      row && { sent: { way: 'app', ...worded(letter, { code: 'push' }) }, change: (at) => changeOf(place, row, at) }
    )
  }
}

interface Place {
  readonly plan: CollectionPlan
  readonly job: InApp
}

/** Of the source that the person is of. */
function placeOf({ collections }: Plan, { origin, deleted }: PlainResource, template: string): Place | undefined {
  for (const plan of collections.values()) {
    const { instance, source, lenses } = plan
    if (deleted || instance !== origin?.instance || source.jobs?.includes(JOB) !== true) continue
    const job = [source.system.jobs[JOB] ?? []]
      .flat()
      .find(({ mapping }) => lenses.some(({ name }) => name === mapping))
    if (job && Object.hasOwn(job.kinds, template)) return { plan, job }
  }
  return undefined
}

/** Undefined: a key is not known without which the app would show it to nobody. */
function rowOf(
  { plan: { source }, job }: Place,
  letter: Letter,
  resources: readonly PlainResource[],
  base: string,
): Row | undefined {
  const identifiers = resources.flatMap(
    ({ body }) => (JSON.parse(body) as { identifier?: Identifier[] }).identifier ?? [],
  )
  const row: Record<string, unknown> = { ...job.values, ...job.kinds[letter.template as keyof InApp['kinds']] }
  for (const [place, collection] of Object.entries(job.keys)) {
    const system = sourceIdentifierSystem(base, source.system.system, collection)
    const key = identifiers.find((each) => each.system === system)?.value
    const [column = '', member] = place.split('.')
    if (member === undefined && key === undefined) return undefined
    if (key === undefined) continue
    row[column] = member === undefined ? key : { ...(row[column] as object | undefined), [member]: key }
  }
  if (job.id !== undefined) row[job.id] = uuidOf(letter.id)
  return { ...row, ...wordsIn(job.title, letter, 'subject'), ...(job.text && wordsIn(job.text, letter, 'text')) }
}

function wordsIn(where: InLanguages, letter: Letter, what: 'subject' | 'text'): Row {
  if (typeof where === 'string') return { [where]: worded(letter, { code: 'push' })[what] }
  const languages = ['en', 'ar'] as const
  return Object.fromEntries(
    languages.map((language) => [where[language], worded(letter, { code: 'push', language })[what]]),
  )
}

function changeOf({ plan, job }: Place, row: Row, at: Date): RowChange {
  const edit = (now: Row | undefined): Row => {
    const times = job.at.map((column) => [column, momentIn(plan, now?.[column], at)] as const)
    return { ...now, ...row, ...Object.fromEntries(times) }
  }
  const key = plan.key.map((column) => String(row[column]))
  return { mapping: job.mapping, instance: plan.instance, key, follows: true, edit }
}

/** The hexadecimal digits that end the id of a message, as a UUID (RFC 9562, version 8: made in a way of one's own). */
function uuidOf(id: string): string {
  const digits = id.slice(-32)
  const all = `${digits.slice(0, 12)}8${digits.slice(13, 16)}8${digits.slice(17)}`
  return all.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
