/**
 * All that the gateway's own collections hold of one patient, found by the texts of versions: they are all there ever was,
 * also of what is deleted and has no search keys any more. This reads every version of the tenant, which is right for
 * something that is done seldom and must miss nothing.
 *
 * What names several patients is theirs too, and stays; of what is somebody else's by now, the versions go that were of
 * this patient alone.
 */
import type { Store } from './collections.ts'
import type { VersionDocument } from './documents.ts'
import { patientsIn } from '../r4/patients.ts'

export interface Traces {
  /** `<tenant>/<Type>/<id>`: nobody else's, with all of their versions */
  readonly resources: readonly string[]
  /** `_id`s of single versions */
  readonly versions: readonly string[]
}

/** The record of what was done stays: it is the law's. */
const STAYS = new Set(['AuditEvent'])
const FILES = /"Binary\/([A-Za-z0-9.-]{1,64})["/]/g

export async function findTraces(store: Store, tenant: string, patient: string): Promise<Traces> {
  const named = new Map<string, string[]>([[`${tenant}/Patient/${patient}`, []]])
  const files = new Set<string>()
  for await (const { _id, body } of versionsNaming(store, tenant, `Patient/${patient}`)) {
    const resource = resourceOf(_id)
    if (STAYS.has(typeOf(resource)) || !isOnly(patient, resource, body)) continue
    named.set(resource, [...(named.get(resource) ?? []), _id])
    for (const [, id = ''] of body.matchAll(FILES)) files.add(`${tenant}/Binary/${id}`)
  }
  const resources = new Set<string>()
  const versions: string[] = []
  for (const [resource, own] of named) {
    const last = await lastText(store, resource)
    if (last !== undefined && isOnly(patient, resource, last)) resources.add(resource)
    else versions.push(...own)
  }
  for (const file of files) if (await isOnlyIn(store, patient, file, resources)) resources.add(file)
  return { resources: [...resources].sort(), versions }
}

/** Of these resources those that are nobody else's, as they were last: also what names no patient any more. */
export async function nobodyElses(store: Store, patient: string, resources: readonly string[]): Promise<string[]> {
  const own: string[] = []
  for (const resource of resources) {
    const [, type = '', id = ''] = resource.split('/')
    const text = await lastText(store, resource)
    if (text !== undefined && patientsIn(type, id, text).every((owner) => owner === patient)) own.push(resource)
  }
  return own
}

function versionsNaming(
  { versions }: Store,
  t: string,
  reference: string,
): AsyncIterable<Pick<VersionDocument, '_id' | 'body'>> {
  const body = new RegExp(`"${reference.replaceAll('.', '\\.')}["/]`)
  return versions.find({ t, body }).project<Pick<VersionDocument, '_id' | 'body'>>({ body: 1 })
}

function isOnly(patient: string, resource: string, body: string): boolean {
  const [, type = '', id = ''] = resource.split('/')
  const owners = patientsIn(type, id, body)
  return owners.length === 1 && owners[0] === patient
}

/** Of a file that only resources of the patient name, and that names nobody else itself. */
async function isOnlyIn(store: Store, patient: string, file: string, resources: ReadonlySet<string>): Promise<boolean> {
  const [tenant = '', , id = ''] = file.split('/')
  const text = await lastText(store, file)
  if (text === undefined || patientsIn('Binary', id, text).some((owner) => owner !== patient)) return false
  for await (const { _id } of versionsNaming(store, tenant, `Binary/${id}`)) {
    if (!resources.has(resourceOf(_id)) && resourceOf(_id) !== file) return false
  }
  return true
}

/** As it was last, before it was deleted. */
async function lastText({ versions }: Store, resource: string): Promise<string | undefined> {
  const filter = { _id: { $gte: `${resource}/`, $lt: `${resource}0` }, body: { $ne: '' } }
  const last = await versions.findOne(filter, { sort: { _id: -1 }, projection: { body: 1 } })
  return last?.body
}

function resourceOf(versionId: string): string {
  return versionId.slice(0, versionId.lastIndexOf('/'))
}

function typeOf(resource: string): string {
  return resource.split('/')[1] ?? ''
}
