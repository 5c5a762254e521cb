/** The session of a browser as the staff API knows it: what somebody who signed in here may do by their roles. */
import { hash } from 'node:crypto'
import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Provider } from 'oidc-provider'
import { callerName } from '../access/caller-name.ts'
import type { Caller } from '../access/caller.ts'
import { permitOf } from '../access/permit.ts'
import { send } from '../http/send.ts'
import type { Store } from '../store/collections.ts'
import { seeOther } from './pages/page-answer.ts'
import { userOf } from './people/people.ts'
import { csrfToken } from './session/csrf.ts'
import { beginSignIn, endSignIn, signedInPerson } from './session/session.ts'

export interface StaffSessionOptions {
  readonly provider: Provider
  readonly store: Store
  readonly origin: string
  readonly key: Buffer
  hasTenant(slug: string): Promise<boolean>
}

/** As clients are named on record: no app, but the pages of the gateway itself. */
const STAFF_CLIENT = 'isthmus-staff'
const HERE = '/oauth/staff'
/** Where who has signed in goes on: the first when nothing is said. */
const PAGES = ['/api/docs', '/console/queues']

export interface StaffSession {
  readonly caller: Caller
  readonly csrf: string
}

/** Who has signed out, or may do less now, is that after this many milliseconds at the latest; at once for changes. */
const REMEMBERED = 5_000
const MOST = 1_000

/** Gives the session of a request; undefined: nobody is signed in. */
export function staffSessions(options: StaffSessionOptions) {
  const remembered = new Map<string, { readonly found: StaffSession | undefined; readonly until: number }>()
  return async (request: Request, response: Response): Promise<StaffSession | undefined> => {
    const { cookie } = request.headers
    if (cookie === undefined) return undefined
    if (!['GET', 'HEAD'].includes(request.method)) return findSession(options, request, response)
    const name = hash('sha256', cookie, 'base64url')
    const known = remembered.get(name)
    if (known && known.until > Date.now()) return known.found
    const found = await findSession(options, request, response)
    if (remembered.size >= MOST) remembered.clear()
    remembered.set(name, { found, until: Date.now() + REMEMBERED })
    return found
  }
}

async function findSession(
  options: StaffSessionOptions,
  request: Request,
  response: Response,
): Promise<StaffSession | undefined> {
  const person = await signedInPerson(options, request, response)
  if (!person) return undefined
  const { account, session } = person
  const user = await userOf(options.store, account)
  const credential = { tenant: account.t, client: STAFF_CLIENT, scope: 'user/*.cruds', user }
  return {
    caller: { permit: permitOf(credential), by: callerName(STAFF_CLIENT, account._id), credential },
    csrf: csrfToken(options.key, `staff ${session.uid}`),
  }
}

/** Mounted at /oauth/staff: signs somebody in. `?tenant=`: of which clinic; `?next=`: for which of the pages. */
export function staffRouter(options: StaffSessionOptions): Router {
  const router = express.Router({ caseSensitive: true })
  router.get('/', async (request, response) => {
    const query = queryOf(request)
    const asked = query.get('tenant') ?? 'default'
    const tenant = asked === 'default' || (await options.hasTenant(asked)) ? asked : 'default'
    const back = `${HERE}/signed-in/${PAGES.indexOf(pageIn(query.get('next')))}`
    send(request, response, seeOther(await beginSignIn(options, request, response, { tenant, back })))
  })
  router.get('/signed-in/:page', async (request, response) => {
    await endSignIn(options, request, response)
    send(request, response, seeOther(pageIn(PAGES[Number(request.params.page)])))
  })
  return router
}

function queryOf({ url }: Request): URLSearchParams {
  return new URLSearchParams(url.split('?')[1])
}

/** Nowhere else: the address may be somebody's. */
function pageIn(asked: string | null | undefined): string {
  return PAGES.find((page) => page === asked) ?? (PAGES[0] as string)
}
