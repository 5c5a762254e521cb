/**
 * Scopes that ask for more context than patient and visit, such as `launch/list?role=…`: only those are granted that the
 * context answers (SMART App Launch 2.2 §fhirContext), so that the app reads from the scopes what it got.
 */
import type { LaunchContext } from '../../store/grants.ts'

/** `launch/list?role=…`, `launch/practitioner`: the server gives what it has */
export const LAUNCH_CONTEXT = /^launch\/([a-z]+)(?:\?role=([!-~]+))?$/
const OWN = ['launch/patient', 'launch/encounter']

export function contextScopes(scopes: readonly string[], { fhirContext = [] }: LaunchContext): string[] {
  return scopes.filter((scope) => {
    const [, type, role = 'launch'] = LAUNCH_CONTEXT.exec(scope) ?? []
    if (type === undefined || OWN.includes(scope)) return true
    return fhirContext.some(
      (each) => String(each['reference']).toLowerCase().startsWith(`${type}/`) && (each['role'] ?? 'launch') === role,
    )
  })
}
