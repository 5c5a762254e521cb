/** The people of the demo, with known passwords: one who treats, one who is treated, one who manages. Demo only. */
import { findAccountByEmail } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import { addAccount } from './new-account.ts'

export interface DemoAccount {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly role: string
  /** of mappings/hms/demo */
  readonly person?: string
}

export const demoAccounts: readonly DemoAccount[] = [
  {
    ...{
      email: 'doctor@demo.example',
      password: 'demo doctor 2026',
      name: 'Dr. Cat Stone (demo)',
      role: 'practitioner',
    },
    person: 'Practitioner/hms-1b2df9a8-7a97-4986-a052-545621d73e6a',
  },
  {
    ...{ email: 'patient@demo.example', password: 'demo patient 2026', name: 'Amy Ray (demo)', role: 'patient' },
    person: 'Patient/hms-8d8f3dcd-b2d7-4831-ad08-37dbc8b65ff7',
  },
  { email: 'admin@demo.example', password: 'demo admin 2026', name: 'Administrator (demo)', role: 'admin' },
]

/** Those that are not there yet. */
export async function makeDemoAccounts(store: Store): Promise<void> {
  for (const { role, ...account } of demoAccounts) {
    if (await findAccountByEmail(store, 'default', account.email)) continue
    await addAccount(store, { ...account, tenant: 'default', roles: [role] })
  }
}
