/**
 * Scopes that ask for more context than patient and visit, such as `launch/list?role=…`: only those are granted that the
 * context answers (SMART App Launch 2.2 §fhirContext), so that the app reads from the scopes what it got.
 */
import type { LaunchContext } from '../../store/grants.ts'

const MORE = /^launch\/([a-z]+)(?:\?role=(.+))?$/
const OWN = ['launch/patient', 'launch/encounter']

export function contextScopes(scopes: readonly string[], { fhirContext = [] }: LaunchContext): string[] {
  return scopes.filter((scope) => {
    const [, type, role = 'launch'] = MORE.exec(scope) ?? []
    if (type === undefined || OWN.includes(scope)) return true
    return fhirContext.some(
      (each) => String(each['reference']).toLowerCase().startsWith(`${type}/`) && (each['role'] ?? 'launch') === role,
    )
  })
}
