/** Access tokens as the authorization server stores them, for programs that measure what comes after. */
import { randomBytes } from 'node:crypto'
import { fhirBase } from '../../src/http/base.ts'
import { keep } from '../../src/store/authorization.ts'
import type { Store } from '../../src/store/collections.ts'

/** public origin of a gateway that is measured */
export const BENCH_ORIGIN = 'http://127.0.0.1'

const SECONDS = 3600

/** `patient/*.cruds` of one patient. */
export async function patientToken(store: Store, patient: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const payload = {
    ...{ kind: 'AccessToken', clientId: 'bench', scope: 'patient/*.cruds' },
    ...{ aud: fhirBase(BENCH_ORIGIN, 'default'), exp: Math.floor(Date.now() / 1000) + SECONDS },
    extra: { tenant: 'default', launch: { patient } },
  }
  await keep(store, 'AccessToken', token, payload, SECONDS)
  return token
}
