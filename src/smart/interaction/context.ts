/**
 * With whose record, and which visit, does the app work? What the record system said at an EHR launch; else what the
 * person picked, of what they may see.
 */
import { ownPatients } from '../../access/grant.ts'
import type { Permit } from '../../access/permit.ts'
import { permitOf } from '../../access/permit.ts'
import { readScope } from '../../access/scope.ts'
import type { AccountDocument } from '../../store/accounts.ts'
import { takenLaunch } from '../../store/launches.ts'
import type { LaunchDocument } from '../../store/launches.ts'
import type { EncounterChoice } from '../pages/encounter-picker.ts'
import type { Trouble } from '../pages/message.ts'
import type { PatientChoice } from '../pages/patient-picker.ts'
import { userOf } from '../people/people.ts'
import type { AppAsking, Dialog, DialogOptions } from './dialog.ts'

export interface Person {
  readonly account: AccountDocument
  /** for what is picked from */
  readonly permit: Permit
  /** patients (ids) to pick from; undefined: all that the person may see */
  readonly own: readonly string[] | undefined
}

export interface Context extends Person {
  readonly app: AppAsking
  /** of an EHR */
  readonly launch: LaunchDocument | undefined
  readonly patient: PatientChoice | undefined
  readonly encounter: EncounterChoice | undefined
  /** what is still to be picked */
  readonly missing?: 'patient' | 'encounter'
  /** it cannot go on */
  readonly trouble?: Trouble
}

export async function contextOf(
  options: DialogOptions,
  dialog: Dialog,
  app: AppAsking,
  account: AccountDocument,
): Promise<Context> {
  const person = await personOf(options, app, account)
  const launch = await launchOf(options, dialog, app)
  const nothing = { ...person, app, launch, patient: undefined, encounter: undefined }
  if (launch?.account !== undefined && launch.account !== account._id) return { ...nothing, trouble: 'launchUsed' }
  const id = launch?.context.patient ?? dialog.progress.patient ?? onlyOne(person.own)
  if (id === undefined) return needsPatient(app.scopes) ? { ...nothing, ...whereNobody(person) } : nothing
  // Asked again at each step: who may see a record can change between a launch and now
  const patient = await options.records.patient(person.permit, id)
  if (!patient) return { ...nothing, trouble: person.own ? 'noRecords' : 'forbidden' }
  const encounter = await encounterOf(options, { ...nothing, patient }, dialog)
  const isMissing = !encounter && app.scopes.includes('launch/encounter')
  return { ...nothing, patient, encounter, ...(isMissing && { missing: 'encounter' }) }
}

async function encounterOf(
  { records }: DialogOptions,
  { launch, permit, patient }: Context,
  { progress }: Dialog,
): Promise<EncounterChoice | undefined> {
  const id = launch?.context.encounter ?? progress.encounter
  return id === undefined || !patient ? undefined : records.encounter(permit, patient.id, id)
}

async function personOf({ store }: DialogOptions, { client }: AppAsking, account: AccountDocument): Promise<Person> {
  const user = await userOf(store, account)
  const scope = 'user/Patient.rs user/Encounter.rs'
  return { account, permit: permitOf({ tenant: client.t, client: client._id, scope, user }), own: ownPatients(user) }
}

async function launchOf(
  { store }: DialogOptions,
  { interaction }: Dialog,
  { client, scopes }: AppAsking,
): Promise<LaunchDocument | undefined> {
  const handle = interaction.params['launch']
  if (typeof handle !== 'string' || !scopes.includes('launch')) return undefined
  return takenLaunch(store, handle, client._id)
}

function onlyOne(own: readonly string[] | undefined): string | undefined {
  return own?.length === 1 ? own[0] : undefined
}

function whereNobody({ own }: Person): Pick<Context, 'missing' | 'trouble'> {
  return own?.length === 0 ? { trouble: 'noRecords' } : { missing: 'patient' }
}

/** Whoever is granted scopes of one patient has one in context, asked for or not (SMART App Launch 2.2 §Scopes). */
function needsPatient(scopes: readonly string[]): boolean {
  return scopes.some(
    (each) => each === 'launch/patient' || each === 'launch/encounter' || readScope(each)?.level === 'patient',
  )
}
