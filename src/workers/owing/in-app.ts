/**
 * Messages in the app of a source (`in-app` of its jobs): whoever signs in there finds the row that its app reads, made in
 * the commit that keeps the message as sent.
 */
import type { Identifier } from '@medplum/fhirtypes'
import type { Rendered } from '../../channels/render.ts'
import { sourceIdentifierSystem } from '../../mapping/identity.ts'
import type { InApp, InLanguages } from '../../mapping/in-app.ts'
import { jobOf } from '../../mapping/jobs.ts'
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { CollectionPlan, Plan } from '../../projection/plan.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import type { KindParts } from './kind.ts'
import type { Letter, Sent } from './post.ts'
import { momentIn } from './row-columns.ts'
import { languageOf, worded } from './wording.ts'

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
    const places = placesIn(plan)
    if (places.length === 0) return undefined
    const { tenant, recipient, template } = letter
    const person = await read(`${tenant}/${recipient.resourceType}/${recipient.id ?? ''}`)
    const isOfPerson = ({ plan: { instance }, job }: Place): boolean =>
      instance === person?.origin?.instance && Object.hasOwn(job.kinds, template)
    const place = person?.deleted === false ? places.find(isOfPerson) : undefined
    if (!person || !place || !(await mayBeShown(letter))) return undefined
    const others = await Promise.all(about.map((reference) => read(`${tenant}/${reference}`)))
    const own = others.filter((each) => each?.origin?.instance === place.plan.instance)
    const words = worded(letter, { code: 'push' })
    const row = rowOf(place, letter, [person, ...own.flatMap((each) => each ?? [])], plan.base)
    if (!row) return undefined
    const whole = { ...row, ...wordsIn(place.job, letter, words) }
    return { sent: { way: 'app', ...words }, change: (at) => changeOf(place, whole, at) }
  }
}

interface Place {
  readonly plan: CollectionPlan
  readonly job: InApp
}

/** Asked for every message. */
const known = new WeakMap<Plan, readonly Place[]>()

/** Where the job is on. */
function placesIn(plan: Plan): readonly Place[] {
  let places = known.get(plan)
  if (!places) known.set(plan, (places = [...plan.collections.values()].flatMap(placesOf)))
  return places
}

function placesOf(plan: CollectionPlan): Place[] {
  const { source, lenses } = plan
  if (source.jobs?.includes(JOB) !== true) return []
  return lenses.flatMap(({ name }) => jobOf(source.system.jobs, JOB, name) ?? []).map((job) => ({ plan, job }))
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
  return row
}

/** `words`: in the person's language; the others are only written where there is a column for them. */
function wordsIn({ title, text }: InApp, letter: Letter, words: Rendered): Row {
  const isArabic = languageOf(letter) === 'ar'
  const isBoth = [title, text].some((where) => typeof where === 'object')
  const others = isBoth ? worded(letter, { code: 'push', language: isArabic ? 'en' : 'ar' }) : words
  const [en, ar] = isArabic ? [others, words] : [words, others]
  const columns = (where: InLanguages, what: 'subject' | 'text'): Row =>
    typeof where === 'string' ? { [where]: words[what] } : { [where.en]: en[what], [where.ar]: ar[what] }
  return { ...columns(title, 'subject'), ...(text && columns(text, 'text')) }
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
