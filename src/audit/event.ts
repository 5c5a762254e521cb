/**
 * An event as AuditEvent of R4, in the patterns of IHE BALP (https://profiles.ihe.net/ITI/BALP): made when somebody reads
 * it. For a patient it says who did what with their own record, and nothing of anybody else's.
 */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from '@medplum/fhirtypes'
import { EVERYBODY } from '../store/audit-documents.ts'
import type { AuditAgent, AuditDocument } from '../store/audit-documents.ts'

const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const BALP = 'https://profiles.ihe.net/ITI/BALP'
const INTERACTION = 'http://hl7.org/fhir/restful-interaction'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'

/** `Observation/1/_history/3` is a version of `Observation/1`. */
export function resourceIn(name: string): string {
  const end = name.indexOf('/_history/')
  return end < 0 ? name : name.slice(0, end)
}

/** For whom it is made. */
export interface Reader {
  /** none: for who may read all of the audit */
  readonly patient?: string | undefined
  /** may they know of this resource: `Observation/1`? */
  readonly mayKnow: (name: string) => boolean
}

export function auditEventOf(event: AuditDocument, reader: Reader): AuditEvent {
  const { patient } = reader
  const { _id, at, action, status, purpose, reason } = event
  const profile = profileOf(event)
  return {
    resourceType: 'AuditEvent',
    id: _id.slice(event.t.length + 1),
    ...(profile !== undefined && { meta: { profile: [profile] } }),
    ...kindOf(event),
    action,
    recorded: at.toISOString(),
    outcome: status < 400 ? '0' : status < 500 ? '4' : '8',
    ...(status >= 400 && { outcomeDesc: `refused or failed: HTTP ${status}` }),
    ...(purpose !== undefined && { purposeOfEvent: [purposeOf(purpose, patient === undefined ? reason : undefined)] }),
    agent: agentsOf(event, patient),
    source: {
      observer: { display: 'Isthmus' },
      type: [coding('http://terminology.hl7.org/CodeSystem/security-source-type', '4', 'Application Server')],
    },
    entity: entitiesOf(event, reader),
  }
}

function coding(system: string, code: string, display?: string): Coding {
  return { system, code, ...(display !== undefined && { display }) }
}

function purposeOf(code: string, text: string | undefined) {
  return {
    coding: [coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', code)],
    ...(text !== undefined && { text }),
  }
}

const AUTHENTICATION = coding(DCM, '110114', 'User Authentication')
/** IHE IUA: Get Access Token */
const GET_TOKEN = coding('urn:ihe:event-type-code', 'ITI-71', 'Get Access Token')
const SECURITY = coding(DCM, '110113', 'Security Alert')
const ACTIVITY = coding(DCM, '110100', 'Application Activity')

/** Acts that are no interactions of FHIR. */
const ACTS: Readonly<Record<string, Pick<AuditEvent, 'type' | 'subtype'>>> = {
  login: { type: AUTHENTICATION, subtype: [coding(DCM, '110122', 'Login')] },
  export: { type: coding(DCM, '110106', 'Export') },
  token: { type: AUTHENTICATION, subtype: [GET_TOKEN, { code: 'token', display: 'Access token issued' }] },
  refresh: { type: AUTHENTICATION, subtype: [GET_TOKEN, { code: 'refresh', display: 'Access token refreshed' }] },
  launch: { type: AUTHENTICATION, subtype: [{ code: 'launch', display: 'Launch of an app prepared' }] },
  revocation: { type: SECURITY, subtype: [{ code: 'revocation', display: 'Access revoked' }] },
  consent: { type: SECURITY, subtype: [{ code: 'consent', display: 'Access granted to an app' }] },
  client: { type: coding(DCM, '110131', 'Security Configuration') },
  erasure: { type: coding(DCM, '110110', 'Patient Record'), subtype: [{ code: 'erasure', display: 'Patient erased' }] },
  hold: { type: SECURITY, subtype: [{ code: 'hold', display: 'Legal hold' }] },
  job: { type: coding(DCM, '110106', 'Export'), subtype: [{ code: 'job', display: 'Export or import ended' }] },
  backfill: { type: ACTIVITY, subtype: [{ code: 'backfill', display: 'Rows projected again' }] },
  mappings: { type: ACTIVITY, subtype: [{ code: 'mappings', display: 'Mappings put in force' }] },
  problems: {
    type: ACTIVITY,
    subtype: [{ code: 'problems', display: 'Rows that could not be mapped were tried again' }],
  },
  replay: { type: ACTIVITY, subtype: [{ code: 'replay', display: 'Notifications sent again' }] },
  seal: { type: coding(DCM, '110131', 'Security Configuration'), subtype: [{ code: 'seal', display: 'Sealed anew' }] },
  user: { type: coding(DCM, '110137', 'User Security Attributes Changed') },
  settings: { type: ACTIVITY, subtype: [{ code: 'settings', display: 'Settings changed' }] },
}

function kindOf({ kind }: AuditDocument): Pick<AuditEvent, 'type' | 'subtype'> {
  if (Object.hasOwn(ACTS, kind)) return ACTS[kind] as Pick<AuditEvent, 'type'>
  const type = coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest', 'RESTful Operation')
  if (kind.startsWith('$')) return { type, subtype: [coding(INTERACTION, 'operation'), { code: kind }] }
  const isSearch = kind.startsWith('search-')
  return { type, subtype: [...(isSearch ? [coding(INTERACTION, 'search')] : []), coding(INTERACTION, kind)] }
}

const PATTERNS: Readonly<Record<string, string>> = {
  read: 'Read',
  create: 'Create',
  update: 'Update',
  delete: 'Delete',
}

/** What was done with one resource, of one patient or of none; anything else follows the pattern, and claims nothing. */
function profileOf({ kind, status, what = [] }: AuditDocument): string | undefined {
  const pattern = PATTERNS[kind]
  const [only, ...more] = what
  if (pattern === undefined || status >= 400 || !only || more.length > 0 || only.n.length !== 1) return undefined
  const patients = only.p?.length ?? 0
  if (patients > 1) return undefined
  return `${BALP}/StructureDefinition/IHE.BasicAudit.${patients === 1 ? 'Patient' : ''}${pattern}`
}

function agentsOf({ kind, who }: AuditDocument, patient: string | undefined): AuditEventAgent[] {
  // What is read goes to who asks (BALP Read), anything else comes from there
  const isReading = kind === 'read' || kind === 'vread' || kind.startsWith('history-')
  const [asking, serving] = isReading ? ['110152', '110153'] : ['110153', '110152']
  const server = { type: { coding: [coding(DCM, serving)] }, who: { display: 'Isthmus' }, requestor: false }
  const users = who.account === undefined ? [] : [userOf(who, patient)]
  return [...users, { type: { coding: [coding(DCM, asking)] }, ...appOf(who, patient === undefined) }, server]
}

function userOf({ account, person, token }: AuditAgent, patient: string | undefined): AuditEventAgent {
  const isForAll = patient === undefined
  return {
    type: { coding: [coding(`${BALP}/CodeSystem/UserAgentTypes`, 'UserOauthAgent')] },
    ...personOf(person, patient),
    ...(isForAll && account !== undefined && { altId: account }),
    requestor: true,
    ...(isForAll && token !== undefined && { policy: [`urn:isthmus:token:${token}`] }),
  }
}

function appOf({ account, client, address, name }: AuditAgent, isForAll: boolean): AuditEventAgent {
  const named = name === undefined ? {} : { name: isForAll ? name : withoutPeople(name) }
  return {
    ...(client === undefined ? named : { who: { identifier: { value: client } }, altId: client }),
    requestor: account === undefined,
    ...(isForAll && address !== undefined && { network: { address, type: '2' as const } }),
  }
}

/** Who stands for the patient may be a patient too: that is nobody's business. */
function personOf(person: string | undefined, patient: string | undefined): Pick<AuditEventAgent, 'who' | 'name'> {
  if (person === undefined) return {}
  const isOther = patient !== undefined && person.startsWith('Patient/') && person !== `Patient/${patient}`
  return isOther ? { name: 'somebody who acts for the patient' } : { who: { reference: person } }
}

function withoutPeople(name: string): string {
  return name.includes('Patient/') ? 'somebody' : name
}

function entitiesOf({ what = [], query, request }: AuditDocument, { patient, mayKnow }: Reader): AuditEventEntity[] {
  const own = patient === undefined ? what : what.filter(({ p = [] }) => p.includes(patient) || p.includes(EVERYBODY))
  const named = own.flatMap(({ p = [] }) => p.filter((id) => id !== EVERYBODY))
  const patients = patient === undefined ? new Set(named) : [patient]
  const names = own.flatMap(({ n }) => n).filter((name) => mayKnow(resourceIn(name)))
  const isForAll = patient === undefined
  return [
    ...[...patients].map((id) => ({
      what: { reference: `Patient/${id}` },
      type: coding(ENTITY_TYPE, '1', 'Person'),
      role: coding(ROLE, '1', 'Patient'),
    })),
    ...names.map((reference) => ({
      what: { reference },
      type: coding(ENTITY_TYPE, '2', 'System Object'),
      role: coding(ROLE, '4', 'Domain Resource'),
    })),
    ...(isForAll && query !== undefined ? [queryEntity(query)] : []),
    { what: { identifier: { value: request } }, type: coding(`${BALP}/CodeSystem/BasicAuditEntityType`, 'XrequestId') },
  ]
}

function queryEntity(query: string): AuditEventEntity {
  return {
    type: coding(ENTITY_TYPE, '2', 'System Object'),
    role: coding(ROLE, '24', 'Query'),
    query: Buffer.from(query).toString('base64'),
  }
}
