/** The roles a tenant begins with. They are made when first needed; what an administrator changes of them stays. */
import { CLEARANCES } from '../../access/clearance.ts'
import type { Store } from '../../store/collections.ts'
import type { RoleDefinition } from '../../store/roles.ts'
import { makeRole } from '../../store/roles.ts'

/** What the front desk writes; it reads all else. */
const DESK = ['Patient', 'RelatedPerson', 'Appointment', 'AppointmentResponse', 'Schedule', 'Slot', 'Coverage', 'Task']
/** What patients add to their own record. */
const OWN = ['Appointment', 'AppointmentResponse', 'Communication', 'DocumentReference', 'QuestionnaireResponse']

/** What nobody but administrators does. */
const MANAGING = [
  'accounts:manage',
  'apps:manage',
  'mappings:manage',
  'jobs:manage',
  'records:hold',
  'records:erase',
  'settings:manage',
  'cases:manage',
]

const roles: readonly RoleDefinition[] = [
  {
    name: 'admin',
    description: 'Manages accounts and apps, and reads and writes every record',
    permissions: [...MANAGING, 'launch:create', 'break-glass:use', '*.cruds'],
  },
  {
    name: 'practitioner',
    description: 'Reads and writes every record, and launches apps from the record system',
    permissions: ['*.cruds', 'cases:manage', 'launch:create', 'break-glass:use'],
  },
  {
    name: 'privacy-officer',
    description: 'Reads every record, what is confidential too, and says why somebody may see something or not',
    permissions: ['*.rs', 'access:explain', 'break-glass:end', 'records:hold', ...CLEARANCES],
  },
  {
    name: 'staff',
    description: 'Reads every record, and keeps patients, appointments and schedules',
    permissions: ['*.rs', ...DESK.map((type) => `${type}.cruds`)],
  },
  {
    name: 'patient',
    description: 'Reads the own record, and adds to it what patients may',
    permissions: ['*.rs', 'Observation.c', 'Patient.u', ...OWN.map((type) => `${type}.cu`)],
  },
]

export async function makeBuiltInRoles(store: Store, tenant: string): Promise<void> {
  for (const role of roles) await makeRole(store, tenant, role)
}
