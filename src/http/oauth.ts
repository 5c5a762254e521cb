/** Where the authorization server is, under the public origin: one for all FHIR bases (src/smart). */
export const OAUTH = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  introspect: '/oauth/introspect',
  revoke: '/oauth/revoke',
  register: '/oauth/register',
  /** what has access to my data */
  apps: '/oauth/apps',
  /** followed by the tenant */
  brands: '/oauth/brands',
} as const
