/** Client metadata (RFC 7591 §2) as a wish. Members that are not known here are ignored, as §2 says. */
import type { ClientGrant, ClientKind } from '../../store/clients.ts'
import { ClientRefusal } from './client-refusal.ts'
import type { ClientWish } from './new-client.ts'

type Metadata = Readonly<Record<string, unknown>>

const KINDS: Readonly<Record<string, ClientKind>> = {
  none: 'public',
  client_secret_basic: 'symmetric',
  client_secret_post: 'symmetric',
  private_key_jwt: 'asymmetric',
}
const GRANTS: readonly ClientGrant[] = ['authorization_code', 'refresh_token', 'client_credentials']

export function registrationWish(text: string | undefined): ClientWish {
  const metadata = objectIn(text)
  const responseTypes = strings(metadata, 'response_types')
  if (responseTypes?.some((type) => type !== 'code')) throw new ClientRefusal('The only response_type here is code.')
  const [launchUrl, logoUri, jwksUri] = ['initiate_login_uri', 'logo_uri', 'jwks_uri'].map((each) =>
    string(metadata, each),
  )
  const grants = grantsIn(metadata)
  return {
    ...{ name: string(metadata, 'client_name') ?? '', kind: kindIn(metadata), scope: string(metadata, 'scope') ?? '' },
    ...{ redirectUris: strings(metadata, 'redirect_uris') ?? [], native: isNative(metadata) },
    ...(grants && { grants }),
    ...(metadata['jwks'] !== undefined && { jwks: metadata['jwks'] }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(launchUrl !== undefined && { launchUrl }),
    ...(logoUri !== undefined && { logoUri }),
  }
}

function objectIn(text: string | undefined): Metadata {
  let value: unknown
  try {
    value = JSON.parse(text ?? '')
  } catch {
    throw new ClientRefusal('A registration is a JSON object, sent as application/json.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Metadata
  throw new ClientRefusal('A registration is a JSON object.')
}

/** RFC 7591 §2: without a word about it a client has a secret. */
function kindIn(metadata: Metadata): ClientKind {
  const method = string(metadata, 'token_endpoint_auth_method') ?? 'client_secret_basic'
  if (!Object.hasOwn(KINDS, method)) {
    throw new ClientRefusal(`The token_endpoint_auth_method must be one of ${Object.keys(KINDS).join(', ')}.`)
  }
  return KINDS[method] as ClientKind
}

function grantsIn(metadata: Metadata): ClientGrant[] | undefined {
  const asked = strings(metadata, 'grant_types')
  const isKnown = (grant: string): grant is ClientGrant => (GRANTS as readonly string[]).includes(grant)
  if (asked?.every(isKnown) ?? true) return asked as ClientGrant[] | undefined
  throw new ClientRefusal(`The grant_types here are ${GRANTS.join(', ')}.`)
}

function isNative(metadata: Metadata): boolean {
  const type = string(metadata, 'application_type') ?? 'web'
  if (type === 'native' || type === 'web') return type === 'native'
  throw new ClientRefusal('The application_type is web or native.')
}

function string(metadata: Metadata, name: string): string | undefined {
  const value = metadata[name]
  if (value === undefined || typeof value === 'string') return value
  throw new ClientRefusal(`${name} must be a string.`)
}

function strings(metadata: Metadata, name: string): string[] | undefined {
  const value = metadata[name]
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw new ClientRefusal(`${name} must be an array of strings.`)
}
