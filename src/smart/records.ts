/** What the authorization server asks of the records, with the rights of who is signed in; src/cli answers it. */
import type { Permit } from '../access/permit.ts'
import type { EncounterChoice } from './pages/encounter-picker.ts'
import type { PatientChoice } from './pages/patient-picker.ts'

export interface Records {
  /** Those that fit a name, an identifier or a date of birth: the first few, and whether there are more. */
  patients(permit: Permit, text: string): Promise<{ readonly found: readonly PatientChoice[]; readonly more: boolean }>
  /** Undefined: there is none, or none that may be seen. */
  patient(permit: Permit, id: string): Promise<PatientChoice | undefined>
  /** Of one patient, latest first. */
  encounters(permit: Permit, patient: string): Promise<readonly EncounterChoice[]>
  /** Undefined: it is not of this patient, or may not be seen. */
  encounter(permit: Permit, patient: string, id: string): Promise<EncounterChoice | undefined>
}
