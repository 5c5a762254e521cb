/** The example app in the demo: the gateway serves it itself, knows it as a client, and launches it by one click. */
import { join } from 'node:path'
import express from 'express'
import type { RequestHandler } from 'express'
import { fhirBase } from '../http/base.ts'
import { demoAccounts } from '../smart/people/demo-accounts.ts'
import { findAccountByEmail } from '../store/accounts.ts'
import type { ClientDocument } from '../store/clients.ts'
import type { Store } from '../store/collections.ts'
import { mintLaunch } from '../store/launches.ts'
import { home } from './context.ts'

const APP = '/demo/smart-app/'
const LAUNCH = '/demo/launch'
/** As examples/smart-app/index.html says it. */
const CLIENT = 'smart-app-example'

/** The app may talk to this gateway and to no one else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export interface DemoApp {
  readonly router: RequestHandler
  /** what to tell the person at the terminal */
  readonly links: readonly string[]
}

export async function demoApp(store: Store, origin: string): Promise<DemoApp> {
  await store.clients.replaceOne({ _id: CLIENT }, clientAt(origin), { upsert: true })
  const router = express.Router({ caseSensitive: true })
  router.use(APP, (_request, response, next) => {
    response.set({ 'Content-Security-Policy': POLICY, 'Referrer-Policy': 'no-referrer' })
    next()
  })
  router.use(APP, express.static(join(home, 'examples/smart-app'), { cacheControl: false }))
  router.get(LAUNCH, async (_request, response) => {
    response.redirect(303, await launchUrl(store, origin))
  })
  return { router, links: linksAt(origin) }
}

function linksAt(origin: string): string[] {
  const people = demoAccounts.map(({ email, password, role }) => `${email} / ${password} (${role})`)
  return [
    `Launch an app from a record: ${origin}${LAUNCH}`,
    `The app by itself:           ${origin}${APP}`,
    `Who can sign in:             ${people.join(', ')}`,
  ]
}

/** As an EHR would: the doctor has the patient's record open. */
async function launchUrl(store: Store, origin: string): Promise<string> {
  const [doctor, patient] = demoAccounts
  const account = await findAccountByEmail(store, 'default', doctor?.email ?? '')
  const launch = await mintLaunch(store, {
    ...{ t: 'default', client: CLIENT, by: 'demo' },
    ...(account && { account: account._id }),
    context: { patient: (patient?.person ?? '').replace('Patient/', '') },
  })
  return `${APP}?${new URLSearchParams({ iss: fhirBase(origin, 'default'), launch }).toString()}`
}

function clientAt(origin: string): Omit<ClientDocument, '_id'> {
  return {
    ...{ t: 'default', name: 'SMART app example', publisher: 'Isthmus', kind: 'public', state: 'approved' },
    ...{ redirectUris: [origin + APP], launchUrl: origin + APP, verified: true, native: false, introspects: false },
    scope: 'launch launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs',
    ...{ grants: ['authorization_code', 'refresh_token'], secrets: [], created: new Date(), by: 'demo' },
  }
}
