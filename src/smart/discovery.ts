/** What apps read first: `{base}/.well-known/smart-configuration` (SMART App Launch 2.2 §Conformance). */
import type { Answer } from '../http/answer.ts'
import { OAUTH } from '../http/oauth.ts'
import { brandIdentifier } from './brands.ts'

/** Whose FHIR base it is read at. */
export interface Place {
  readonly tenant: string
  readonly base: string
}

/** Each is shown by a test (test/smart/capabilities.test.ts). */
const CAPABILITIES = [
  ...['launch-ehr', 'launch-standalone', 'authorize-post'],
  ...['client-public', 'client-confidential-symmetric', 'client-confidential-asymmetric'],
  ...['sso-openid-connect', 'context-banner', 'context-style'],
  ...['context-ehr-patient', 'context-ehr-encounter', 'context-standalone-patient', 'context-standalone-encounter'],
  ...['permission-offline', 'permission-online', 'permission-patient', 'permission-user'],
  ...['permission-v1', 'permission-v2'],
]

const SCOPES = [
  ...['openid', 'fhirUser', 'profile', 'launch', 'launch/patient', 'launch/encounter'],
  ...['offline_access', 'online_access'],
  ...['patient/*.rs', 'patient/*.cruds', 'user/*.rs', 'user/*.cruds', 'system/*.rs', 'system/*.cruds'],
  ...['patient/*.read', 'patient/*.write', 'user/*.read', 'user/*.write'],
]

/** `origin`: the issuer. */
export function smartConfiguration(origin: string, { tenant, base }: Place): Record<string, unknown> {
  return {
    issuer: origin,
    jwks_uri: origin + OAUTH.jwks,
    authorization_endpoint: origin + OAUTH.authorize,
    token_endpoint: origin + OAUTH.token,
    introspection_endpoint: origin + OAUTH.introspect,
    revocation_endpoint: origin + OAUTH.revoke,
    registration_endpoint: origin + OAUTH.register,
    management_endpoint: origin + OAUTH.apps,
    user_access_brand_bundle: `${origin}${OAUTH.brands}/${tenant}`,
    user_access_brand_identifier: brandIdentifier(base),
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    scopes_supported: SCOPES,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    capabilities: CAPABILITIES,
  }
}

/** Whatever is accepted: it is JSON (SMART App Launch 2.2 §Sample request). For programs of any origin. */
export function configurationAnswer(origin: string, place: Place): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' },
    body: JSON.stringify(smartConfiguration(origin, place)),
    interaction: 'smart-configuration',
  }
}
