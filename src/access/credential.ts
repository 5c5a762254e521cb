/** What a token was issued for: all that decides about a request beside the request. Settled when it is issued. */
export interface Credential {
  readonly tenant: string
  readonly client: string
  /** SMART scopes as granted, v1 or v2 */
  readonly scope: string
  /** launch context: ids without type */
  readonly patient?: string
  readonly encounter?: string
  readonly user?: CredentialUser
}

export interface CredentialUser {
  readonly account: string
  /** fhirUser: `Practitioner/hms-1`, `Patient/…`; none for accounts without a resource */
  readonly person?: string
  /** patients (ids) they may act for besides their own */
  readonly representing: readonly string[]
  /** of their roles */
  readonly permissions: readonly string[]
}
