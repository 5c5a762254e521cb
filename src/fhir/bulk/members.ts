/**
 * The resources of an export that are in the compartments of its patients, as CompartmentDefinition says; and the
 * Provenances of those, which the guide wants beside them (https://hl7.org/fhir/uv/bulkdata/STU2/export.html, _type).
 */
import { compartmentParameters, compartmentTypes } from '../../r4/compartments.ts'
import { uriKey } from '../../r4/keys/text.ts'
import type { Candidate, Members, Sieve } from '../../store/export-reader.ts'
import type { ExportJob } from '../../store/job-documents.ts'
import type { ResourceReader } from '../../store/resource-reader.ts'
import type { Filter } from '../search/lookup.ts'

type Patients = NonNullable<ExportJob['wish']['patients']>

/** Of more patients than this MongoDB is not asked by name: each resource is held against the list. */
const MOST_ASKED = 1_000
const PATIENT = 'Patient/'
const TARGET = 'target='

export function exportMembers(reader: ResourceReader, job: ExportJob, type: string): Members {
  const { patients } = job.wish
  if (!patients) return {}
  return type === 'Provenance' ? { sieve: provenanceSieve(reader, job, patients) } : inCompartments(job, patients, type)
}

function inCompartments({ permit }: ExportJob, patients: Patients, type: string): Members {
  const codes = compartmentParameters('Patient', type)
  if (patients !== 'all' && patients.length <= MOST_ASKED) {
    const k = { $in: codes.flatMap((code) => patients.map((id) => uriKey(code, `${PATIENT}${id}`))) }
    if (type !== 'Patient') return { filter: { k } }
    return { filter: { $or: [{ _id: { $in: patients.map((id) => `${permit.tenant}/${PATIENT}${id}`) } }, { k }] } }
  }
  return {
    ...(type !== 'Patient' && { filter: { $or: codes.map(ofAnyPatient) } }),
    ...(patients !== 'all' && { sieve: listSieve(codes, patients) }),
  }
}

/** `0` comes after `/` */
function ofAnyPatient(code: string): Filter {
  return { k: { $elemMatch: { $gte: uriKey(code, PATIENT), $lt: uriKey(code, 'Patient0') } } }
}

function listSieve(codes: readonly string[], patients: readonly string[]): Sieve {
  const listed = new Set(patients.map((id) => `${PATIENT}${id}`))
  const beginnings = codes.map((code) => `${code}=`)
  const isOfOne = (key: string): boolean =>
    beginnings.some((beginning) => key.startsWith(beginning) && listed.has(key.slice(beginning.length)))
  return (batch) => {
    const members = batch.filter(({ _id, k }) => listed.has(nameOf(_id)) || k.some(isOfOne))
    return Promise.resolve(new Set(members.map(({ _id }) => _id)))
  }
}

/** Those about a resource of one of the compartments, as it is when they are read. */
function provenanceSieve(reader: ResourceReader, job: ExportJob, patients: Patients): Sieve {
  return async (batch) => {
    const named = new Set(batch.flatMap(targetsOf))
    const members = new Set<string>()
    for (const type of compartmentTypes('Patient')) {
      const targets = [...named].filter((name) => name.startsWith(`${type}/`))
      if (targets.length === 0) continue
      const found = await membersAmong(reader, job, inCompartments(job, patients, type), targets)
      for (const name of found) members.add(name)
    }
    const kept = batch.filter((each) => targetsOf(each).some((name) => members.has(name)))
    return new Set(kept.map(({ _id }) => _id))
  }
}

async function membersAmong(
  reader: ResourceReader,
  { permit }: ExportJob,
  { filter = {}, sieve }: Members,
  names: readonly string[],
): Promise<string[]> {
  const ids = names.map((name) => `${permit.tenant}/${name}`)
  const asked = { $and: [{ _id: { $in: ids }, deleted: false }, filter] }
  if (!sieve) return (await reader.identify(permit, asked, ids.length)).map(nameOf)
  const page = { filter: asked, sort: { _id: 1 }, limit: ids.length, fields: ['k'] } as const
  const found = await reader.find(permit, page)
  return [...(await sieve(found.map(({ _id, k = [] }) => ({ _id, k }))))].map(nameOf)
}

function targetsOf({ k }: Candidate): string[] {
  return k.filter((key) => key.startsWith(TARGET)).map((key) => key.slice(TARGET.length))
}

/** `Patient/1` of `<tenant>/Patient/1` */
function nameOf(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}
