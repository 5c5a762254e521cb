/** The FHIR API behind its authorization server, over real HTTP and a real MongoDB, and a browser of few means. */
import { createHash, randomBytes } from 'node:crypto'
import { recordsOf } from '../../src/cli/launch-records.ts'
import { callerFinder } from '../../src/cli/callers.ts'
import type { Smart } from '../../src/smart/smart.ts'
import { createSmart } from '../../src/smart/smart.ts'
import { newClient } from '../../src/smart/clients/new-client.ts'
import type { ClientTerms, ClientWish, NewClient } from '../../src/smart/clients/new-client.ts'
import type { ClinicLogin } from '../../src/smart/people/clinic-provider.ts'
import { addAccount } from '../../src/smart/people/new-account.ts'
import type { NewAccount } from '../../src/smart/people/new-account.ts'
import { newSigningKeys } from '../../src/smart/signing-keys.ts'
import type { SigningKeys } from '../../src/smart/signing-keys.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { addClient } from '../../src/store/clients.ts'
import { startFhirServer } from './fhir-server.ts'
import type { FhirServer, FhirServerOptions } from './fhir-server.ts'

export const PASSWORD = 'correct horse battery staple'
export const REDIRECT = 'https://app.example/after-auth'

export interface SmartServer extends FhirServer {
  readonly smart: Smart
  readonly base: string
  client(wish?: Partial<ClientWish>, terms?: Partial<ClientTerms>): Promise<NewClient>
  /** with PASSWORD */
  account(wish?: Partial<NewAccount>): Promise<AccountDocument>
  stop(): Promise<void>
}

export interface SmartServerOptions extends FhirServerOptions {
  readonly signingKeys?: SigningKeys
  /** false: who manages needs a second factor */
  readonly demo?: boolean
  /** the clinic's own provider */
  readonly login?: (origin: string) => Promise<ClinicLogin>
}

export async function startSmartServer(options: SmartServerOptions = {}): Promise<SmartServer> {
  const smart = Promise.withResolvers<Smart>()
  const finder = Promise.withResolvers<ReturnType<typeof callerFinder>>()
  const server = await startFhirServer({
    ...options,
    smart: smart.promise,
    callerOf: async (request, place) => (await finder.promise)(request, place),
  })
  const { store, origin } = server
  finder.resolve(callerFinder({ auth: 'smart' }, store, () => origin))
  const hasTenant = async (slug: string): Promise<boolean> => (await store.tenants.findOne({ _id: slug })) !== null
  const signingKeys = options.signingKeys ?? (await newSigningKeys())
  const records = recordsOf(server.fhir)
  const parts = { store, origin, hasTenant, signingKeys, limits: defaultLimits, records, log: server.logger }
  const login = await options.login?.(origin)
  smart.resolve(await createSmart({ ...parts, demo: options.demo ?? true, login, trustedProxies: [] }))
  return Object.assign(server, {
    smart: await smart.promise,
    base: `${origin}/fhir/R4`,
    async client(wish: Partial<ClientWish> = {}, terms: Partial<ClientTerms> = {}) {
      const made = newClient({ ...usualWish, ...wish }, { ...usualTerms, ...terms })
      await addClient(store, made.client)
      return made
    },
    account: (wish: Partial<NewAccount> = {}) => {
      const email = `${randomBytes(4).toString('hex')}@clinic.example`
      return addAccount(store, { tenant: 'default', email, roles: ['practitioner'], password: PASSWORD, ...wish })
    },
  })
}

const usualWish: ClientWish = {
  ...{ name: 'Growth Chart', kind: 'public', native: false, redirectUris: [REDIRECT] },
  scope:
    'openid fhirUser launch launch/patient launch/encounter offline_access online_access patient/*.cruds user/*.cruds',
}

const usualTerms: ClientTerms = {
  ...{ tenant: 'default', state: 'approved', introspects: false, verified: true, by: 'test', loopback: true },
}

/** A browser: it keeps cookies, and goes where it is sent within the server. */
export class Browser {
  readonly #origin: string
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  constructor(origin: string) {
    this.#origin = origin
  }

  /** The last answer within the server, or the one that sends elsewhere. */
  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const cookies = this.cookies(url)
    if (cookies !== '') headers.set('Cookie', cookies)
    const response = await fetch(url, { ...init, redirect: 'manual', headers })
    this.#keep(response)
    const location = response.headers.get('location') ?? (await goesOnTo(response))
    if (location === undefined) return response
    const next = new URL(location, url).href
    return next.startsWith(`${this.#origin}/`) ? this.open(next) : response
  }

  post(url: string, form: Form): Promise<Response> {
    return this.open(url, {
      method: 'POST',
      body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])),
    })
  }

  /** Sends the first form of a page as it stands, by its first button, with these values put in. */
  async submit(page: Response, values: Readonly<Record<string, string>> = {}): Promise<Response> {
    const html = await page.text()
    const [, attributes = '', content = ''] = /<form([^>]*)>(.*?)<\/form>/s.exec(html) ?? []
    const action = attributeOf(attributes, 'action') ?? ''
    const inputs = [...content.matchAll(/<input([^>]*)>/g)].flatMap(([, text = '']) => fieldOf(text))
    const [, pressed = ''] = /<button([^>]*)>/.exec(content) ?? []
    const [name, value] = [attributeOf(pressed, 'name'), attributeOf(pressed, 'value')]
    const fields = name !== undefined && value !== undefined ? [...inputs, [name, value] as const] : inputs
    const others = fields.filter(([each]) => !Object.hasOwn(values, each))
    return this.post(new URL(action, page.url).href, [...others, ...Object.entries(values)])
  }

  /** What it sends to this address. */
  cookies(url: string): string {
    const { pathname } = new URL(url)
    const cookies = [...this.#cookies].filter(([, { path }]) => pathname.startsWith(path))
    return cookies.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  #keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/'
      if (/expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name)
      else this.#cookies.set(name, { value, path })
    }
  }
}

type Form = readonly (readonly [string, string])[]

/** Where a page goes on to by itself. */
async function goesOnTo(response: Response): Promise<string | undefined> {
  if (!response.headers.get('content-type')?.startsWith('text/html')) return undefined
  const html = await response.clone().text()
  return /<meta http-equiv="refresh" content="0; url=([^"]*)"/.exec(html)?.[1]
}

function attributeOf(text: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1]
}

/** Hidden fields, and boxes that are checked. */
function fieldOf(attributes: string): [string, string][] {
  const type = attributeOf(attributes, 'type') ?? ''
  const isChecked = ['checkbox', 'radio'].includes(type) && /\bchecked\b/.test(attributes)
  const name = attributeOf(attributes, 'name')
  return (type === 'hidden' || isChecked) && name !== undefined
    ? [[name, attributeOf(attributes, 'value') ?? 'on']]
    : []
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

export interface Launch {
  readonly client: string
  readonly account: AccountDocument
  readonly scope: string
  /** further or other parameters of the authorization request; undefined: without it */
  readonly parameters?: Readonly<Record<string, string | undefined>>
  /** what is picked where that is asked */
  readonly pick?: { readonly patient?: string; readonly encounter?: string }
  /** as a form, not in the address */
  readonly posted?: boolean
  readonly browser?: Browser
  readonly pkce?: Pkce
}

export interface Authorized {
  /** where the app was sent */
  readonly sent: URLSearchParams
  readonly browser: Browser
  readonly pkce: Pkce
}

/** Where an authorization server and one of its FHIR bases are. */
type Place = Pick<SmartServer, 'origin' | 'base'>

export function authorizeUrl(server: Place, launch: Omit<Launch, 'account'>, { challenge }: Pkce): string {
  const parameters = {
    ...{ response_type: 'code', client_id: launch.client, redirect_uri: REDIRECT, scope: launch.scope },
    ...{ state: 'af0ifjsldkj', aud: server.base, code_challenge: challenge, code_challenge_method: 'S256' },
    ...launch.parameters,
  }
  const given = Object.entries(parameters).filter((each): each is [string, string] => each[1] !== undefined)
  return `${server.origin}/oauth/authorize?${new URLSearchParams(given).toString()}`
}

/** Signs in where that is asked, agrees to all that is asked, and gives what the app is told. */
export async function authorize(server: Place, launch: Launch): Promise<Authorized> {
  const { browser = new Browser(server.origin), pkce = newPkce(), account, pick } = launch
  const url = new URL(authorizeUrl(server, launch, pkce))
  const form = [...url.searchParams]
  let page = await (launch.posted ? browser.post(url.origin + url.pathname, form) : browser.open(url.href))
  for (let step = 0; page.status === 200 && step < 6; step++) {
    const isSearch = (await page.clone().text()).includes('name="text"')
    page = await browser.submit(page, {
      email: account.email,
      password: PASSWORD,
      ...pick,
      ...(isSearch && { do: '' }),
    })
  }
  const location = page.headers.get('location')
  if (location === null) throw new Error(`${page.url} ${page.status} ${await page.text()}`)
  return { sent: new URL(location).searchParams, browser, pkce }
}

export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly json: Readonly<Record<string, unknown>>
}

export async function token(
  server: Place,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const init = { method: 'POST', headers, body: new URLSearchParams(form) }
  const response = await fetch(`${server.origin}/oauth/token`, init)
  return { status: response.status, headers: response.headers, json: (await response.json()) as TokenAnswer['json'] }
}

/** The token of a public app. */
export async function launched(server: SmartServer, launch: Launch): Promise<TokenAnswer & Authorized> {
  const authorized = await authorize(server, launch)
  const { sent, pkce } = authorized
  const code = sent.get('code')
  if (code === null) throw new Error(sent.toString())
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT }
  return {
    ...(await token(server, { ...form, client_id: launch.client, code_verifier: pkce.verifier })),
    ...authorized,
  }
}
