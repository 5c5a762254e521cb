/** A kind of message: of which resources it is owed, and what is to be sent when it is due. */
import type { ClientSession, Filter } from 'mongodb'
import type { Appointment, Bundle, Resource } from '@medplum/fhirtypes'
import type { JobName } from '../../mapping/jobs.ts'
import { jobOf } from '../../mapping/jobs.ts'
import type { RowChange, WriteOperation } from '../../projection/operation.ts'
import type { CollectionPlan, Plan, Source } from '../../projection/plan.ts'
import { sourcesIn } from '../../projection/plan.ts'
import type { ClinicSettings } from '../../store/clinic-settings.ts'
import { DIGEST_AT, REMINDERS, readClinicSettings } from '../../store/clinic-settings.ts'
import type { Store } from '../../store/collections.ts'
import type { ResourceDocument } from '../../store/documents.ts'
import type { Change } from '../../store/outbox.ts'
import type { OwedDocument, Owing } from '../../store/owed.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { collectionKey } from '../../store/row-id.ts'
import type { Sent } from './post.ts'

export type Kind = PlannedKind | NewsKind

interface Named {
  /** in `owed` */
  readonly name: string
  /** that it belongs to */
  readonly job: JobName
  /** of the resources that it follows from */
  readonly type: string
  /** What is sent, by everything as it is then; or why nothing is. */
  outgoing(owed: OwedDocument, now: Date): Promise<Outgoing | Deed | string>
}

/** It follows from how resources are. */
export interface PlannedKind extends Named {
  /** Which of them may owe something: what is there already is gone through when its job is switched on. */
  filter(now: Date): Filter<ResourceDocument>
  /** What is owed of them as they are. */
  owing(tenant: string, resources: readonly PlainResource[], session: ClientSession): Promise<Owing[]>
  /** It is about others than the resources that it follows from: what was owed before stays so until it is due. */
  readonly adds?: true
}

/** It follows from what became of resources, once. */
export interface NewsKind extends Named {
  news(tenant: string, changes: readonly Change[], session: ClientSession): Promise<Owing[]>
}

/** Nothing is sent: something is done. */
export interface Deed {
  readonly operations: readonly WriteOperation[]
}

export interface Outgoing {
  /** `Patient/<id>` to whom it goes, and as it is now */
  readonly recipient: Resource
  /** of the template */
  readonly template: string
  readonly facts: Readonly<Record<string, unknown>>
  /** facts that go by email only, and are not kept */
  readonly confidential?: Readonly<Record<string, unknown>>
  /** the only way that its source wants: of a channel, or `app`, where the row itself is shown */
  readonly way?: string
  /** what is kept of it: the message is a Communication already where it is a row of a source */
  readonly isRow?: true
  /** what is kept of it, instead of a Communication of its own */
  readonly kept?: (posted: Sent, at: Date) => WriteOperation
  /** references of what it is about */
  readonly about: readonly string[]
  /** rows that say that it was sent, or that it cannot be */
  changes(result: 'sent' | 'failed' | 'again', at: Date, reason: string): readonly RowChange[]
}

/** What kinds are made of. */
export interface KindParts {
  readonly store: Store
  /** by the mappings in force, whenever it is asked */
  readonly plan: () => Plan
  readonly timeZoneOf: (tenant: string) => string
  readonly waitlist: Waitlist
}

/** Who waits for an appointment, and how one is offered: as the staff API knows it. */
export interface Waitlist {
  /** The reference of what the entry was offered. */
  matchedBy(entry: Appointment): string | undefined
  /** Whom a time suits of those on the list, the best first; `along`: what they point at */
  suited(list: readonly Appointment[], along: readonly Resource[], place: FreedTime, day: string): Appointment[]
  /** What is written for it, as a transaction. */
  offer(entry: Appointment, place: FreedTime): Bundle
}

export interface FreedTime {
  /** its id */
  readonly practitioner: string
  readonly start: number
  readonly end: number
}

export type Clinic = ClinicSettings & Required<Pick<ClinicSettings, 'timeZone' | 'language' | 'reminders' | 'digestAt'>>

/** `read`: `knownClinicSettings` where what was so some seconds ago will do. */
export async function clinicOf(
  { store, timeZoneOf }: KindParts,
  tenant: string,
  read = readClinicSettings,
): Promise<Clinic> {
  const said = await read(store, tenant)
  return { timeZone: timeZoneOf(tenant), language: 'en', reminders: REMINDERS, digestAt: DIGEST_AT, ...said }
}

/** The sources whose job of this name is switched on. */
export function sourcesWith(plan: Plan, job: JobName): Source[] {
  return sourcesIn(plan).filter(({ jobs, system }) => jobs?.includes(job) === true && system.jobs[job] !== undefined)
}

/** The rows that give the resource, where its job is on. */
export function placeWith(
  plan: Plan,
  { origin }: Pick<PlainResource, 'origin'>,
  job: JobName,
): CollectionPlan | undefined {
  const place = origin && plan.collections.get(collectionKey(origin.instance, origin.collection))
  if (!place || place.source.jobs?.includes(job) !== true) return undefined
  return jobOf(place.source.system.jobs, job, origin?.mapping ?? '') ? place : undefined
}

/** The gateway's own resources of the tenant go with those of its sources. */
export function isOn(plan: Plan, resource: Pick<PlainResource, 'origin' | 't'>, job: JobName): boolean {
  if (resource.origin) return placeWith(plan, resource, job) !== undefined
  return sourcesWith(plan, job).some(({ system, tenant }) => system.tenant !== undefined || tenant === resource.t)
}

export const NO_PATIENT = 'the recipient is not known'

/** What was due so much earlier than the gateway first saw it is never sent. */
export const LATE = 24 * 3_600_000
