/** A clinic's own OpenID provider: a second oidc-provider that signs in whom the test says, without asking. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { Provider } from 'oidc-provider'

export interface ClinicIdp {
  readonly issuer: string
  /** who signs in next; the provider says that it was done by `acr` */
  user: { subject: string; acr?: string }
  /** what it was asked for last */
  readonly asked: URLSearchParams[]
  /** 503 to everything */
  isDown: boolean
  /** puts another id_token in place of the true one */
  forge?: ((idToken: string) => Promise<string>) | undefined
  close(): Promise<void>
}

export const CLIENT = { id: 'isthmus', secret: randomBytes(24).toString('base64url') }

export async function startClinicIdp(callback: string): Promise<ClinicIdp> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [callback] }],
    acrValues: ['urn:clinic:mfa', 'urn:clinic:pwd'],
    claims: { openid: ['sub'], acr: null },
    features: { devInteractions: { enabled: false } },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, email: 'miriam@clinic.example' }) }),
    interactions: { url: (_ctx, { uid }) => `/who/${uid}` },
    loadExistingGrant: consented,
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    cookies: { keys: [randomBytes(16).toString('hex')] },
  })
  const idp: ClinicIdp = {
    ...{ issuer, user: { subject: 'nobody' }, asked: [], isDown: false },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const handle = provider.callback()
  server.on('request', (request, response) => {
    if (idp.isDown) response.writeHead(503).end('<html>down</html>')
    else if (request.url?.startsWith('/who/')) {
      const { subject: accountId, acr } = idp.user
      void provider.interactionFinished(request, response, { login: { accountId, ...(acr !== undefined && { acr }) } })
    } else {
      if (request.url?.startsWith('/auth?')) idp.asked.push(new URL(request.url, issuer).searchParams)
      if (idp.forge && request.url === '/token') replaceIdToken(response, idp.forge)
      void handle(request, response)
    }
  })
  return idp
}

function replaceIdToken(response: ServerResponse, forge: (idToken: string) => Promise<string>): void {
  const end = response.end.bind(response) as (text: string) => ServerResponse
  response.end = ((text: string) => {
    const tokens = JSON.parse(text) as { readonly id_token: string }
    void forge(tokens.id_token).then((idToken) => {
      const forged = JSON.stringify({ ...tokens, id_token: idToken })
      response.setHeader('Content-Length', Buffer.byteLength(forged))
      end(forged)
    })
    return response
  }) as ServerResponse['end']
}

async function consented({ oidc: { session, client, provider } }: KoaContextWithOIDC): Promise<Grant> {
  const of = { accountId: session?.accountId ?? '', clientId: client?.clientId ?? '' }
  const grant = new provider.Grant(of)
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}

type Grant = InstanceType<Provider['Grant']>
