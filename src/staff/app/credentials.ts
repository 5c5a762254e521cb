/** What a token of the app lets its bearer see and do, said as scopes and permissions: a Permit like any other. */
import type { Credential } from '../../access/credential.ts'
import type { SecondOpinions } from './second-opinions.ts'
import type { Audience } from './token.ts'

/** Cases and their documents, of the own record only. */
const USER = ['ServiceRequest.cu', 'DocumentReference.cu']

/** What the admin side reads and writes: second opinions, their catalogues, and who did what. */
const ADMIN = [
  ...['ServiceRequest.rus', 'DocumentReference.crus', 'Task.crus', 'DiagnosticReport.crus'],
  ...['ActivityDefinition.crus', 'HealthcareService.crus', 'Practitioner.rs', 'PractitionerRole.rs', 'Patient.rs'],
  ...['Provenance.rs', 'AuditEvent.rs', 'CodeSystem.crus', 'Communication.rs'],
]

export function credentialOf(
  { tenant, idOf }: SecondOpinions,
  { user, audience }: { readonly user: string; readonly audience: Audience },
): Credential {
  const own = { tenant, client: audience }
  if (audience === 'snr_adm') {
    const scope = ADMIN.map((each) => `user/${each}`).join(' ')
    return { ...own, scope, user: { account: user, representing: [], permissions: ADMIN } }
  }
  const patient = idOf(user)
  const person = { account: user, person: `Patient/${patient}`, representing: [] }
  const scope = ['patient/*.rs', ...USER.map((each) => `patient/${each}`)].join(' ')
  return { ...own, scope, patient, user: { ...person, permissions: ['*.rs', ...USER] } }
}
