/** An International Patient Summary: the patient's record in sections, as a document that says which profiles it conforms to. */
import type { Composition, Patient, Resource } from '@medplum/fhirtypes'
import { stringifyJson } from '../../r4/json.ts'
import { linksIn } from '../../r4/links.ts'
import { plainEntry } from '../bundle.ts'
import type { EntryText } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import { urlOf } from '../document/answer.ts'
import { gatewayAuthor, newUrl } from '../document/device.ts'
import type { Language } from '../document/narrative.ts'
import { exact, partsOf } from '../document/parts.ts'
import { missingElements, noInformation } from './absent.ts'
import type { Required } from './absent.ts'
import { summaryComposition } from './composition.ts'
import type { SectionEntry } from './composition.ts'
import { words } from './headings.ts'
import { conformance, IPS } from './profiles.ts'
import type { SummaryRecord } from './record.ts'
import { sections } from './sections.ts'
import type { Section, SectionKey } from './sections.ts'

export interface SummaryDocument {
  readonly entries: readonly EntryText[]
  readonly meta: object
}

type Entries = Map<SectionKey, readonly SectionEntry[]>

/** Reads nothing: the record is all there is. */
export function summaryDocument(context: FhirContext, record: SummaryRecord, language: Language): SummaryDocument {
  const { patient, items, referred } = record
  const patientUrl = urlOf(context, patient)
  const entries: Entries = new Map(
    [...items].map(([key, list]) => [
      key,
      list.map(({ found, resource }) => ({ url: urlOf(context, found), resource: completed(resource) })),
    ]),
  )
  const absent = addAbsent(entries, patientUrl, language)
  const subject = { url: patientUrl, resource: completed(exact(patient.body)) }
  const others = referred.map((found) => ({ url: urlOf(context, found), resource: completed(exact(found.body)) }))
  const all = [subject, ...[...entries.values()].flat(), ...others]
  const { absolute, resolve } = partsOf(context, [
    patient,
    ...[...items.values()].flat().map(({ found }) => found),
    ...referred,
  ])
  const claims = claimsOf(context, all, (reference) => absolute({ reference }).reference ?? '')
  const conforms = isConforming(claims, patientUrl, entries)
  const confidentiality = confidentialityOf(all)
  const author = gatewayAuthor()
  const composition = summaryComposition({
    ...{ language, subject: patientUrl, author: author.url, patient: subject.resource as Patient, confidentiality },
    ...{ entries, absent, resolve, custodian: custodianOf(subject.resource as Patient, others, absolute) },
  })
  const text = stringifyJson(conforms ? claiming(composition, [`${IPS}/Composition-uv-ips`]) : composition)
  return {
    entries: [
      plainEntry(newUrl(), text),
      ...all.map(({ url, resource }) => plainEntry(url, stringifyJson(claiming(resource, claims.get(url) ?? [])))),
      author.entry,
    ],
    meta: { ...(conforms && { profile: [`${IPS}/Bundle-uv-ips`] }), ...labels(confidentiality) },
  }
}

/** Adds to the entries what says that nothing is known, and tells where. */
function addAbsent(entries: Entries, patient: string, language: Language): Set<SectionKey> {
  const absent = sections.filter((section: Section) => section.required && !entries.has(section.key as SectionKey))
  for (const { key } of absent) {
    const required = key as Required
    entries.set(key, [{ url: newUrl(), resource: noInformation(required, patient, words[language].absent[required]) }])
  }
  return new Set(absent.map(({ key }) => key))
}

function completed(resource: Resource): Resource {
  return { ...resource, ...missingElements(resource) }
}

function claimsOf(
  context: FhirContext,
  all: readonly SectionEntry[],
  absolute: (reference: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const urls = new Set(all.map(({ url }) => url))
  const parts = all.map(({ url, resource }) => {
    const refersTo = linksIn(resource).map(absolute)
    return { name: url, resource, refersTo: refersTo.filter((each) => urls.has(each) && each !== url) }
  })
  return conformance(context, parts)
}

/** Composition-uv-ips asks it of the patient and of certain sections; the rest may hold anything of its type. */
function isConforming(
  claims: ReadonlyMap<string, readonly string[]>,
  patient: string,
  entries: ReadonlyMap<SectionKey, readonly SectionEntry[]>,
): boolean {
  const isClaimed = (url: string): boolean => (claims.get(url) ?? []).length > 0
  return (
    isClaimed(patient) &&
    sections.every((section: Section) => {
      const own = entries.get(section.key as SectionKey) ?? []
      return !section.conforming || own.length === 0 || own.some(({ url }) => isClaimed(url))
    })
  )
}

function claiming(resource: Resource, profiles: readonly string[]): Resource {
  if (profiles.length === 0) return resource
  const { resourceType, id, meta, ...rest } = resource
  const all = [...new Set([...(meta?.profile ?? []), ...profiles])]
  return { resourceType, ...(id !== undefined && { id }), meta: { ...meta, profile: all }, ...rest } as Resource
}

function custodianOf(
  { managingOrganization }: Patient,
  others: readonly SectionEntry[],
  absolute: ReturnType<typeof partsOf>['absolute'],
): string | undefined {
  const url = managingOrganization && absolute(managingOrganization).reference
  return others.some((each) => each.url === url) ? url : undefined
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const LEVELS: readonly string[] = ['U', 'L', 'M', 'N', 'R', 'V']
const NORMAL = LEVELS.indexOf('N')

/** As confidential as what is in it (R4 security-labels.html#hcs); normal where nothing says more. */
function confidentialityOf(all: readonly SectionEntry[]): Composition['confidentiality'] {
  const labelled = all.flatMap(({ resource }) => resource.meta?.security ?? [])
  const levels = labelled
    .filter(({ system }) => system === CONFIDENTIALITY)
    .map(({ code = '' }) => LEVELS.indexOf(code))
  return LEVELS[Math.max(NORMAL, ...levels)] as Composition['confidentiality']
}

function labels(code: Composition['confidentiality']): object {
  return code === 'N' ? {} : { security: [{ system: CONFIDENTIALITY, code }] }
}
