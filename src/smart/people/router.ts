/** Everything about people that has an address of its own: invitations, and the way through the clinic's own provider. */
import express from 'express'
import type { Router } from 'express'
import { sharedKey } from '../../store/shared-key.ts'
import { browserSession } from './browser-session.ts'
import { clinicProvider } from './clinic-provider.ts'
import type { ClinicLogin } from './clinic-provider.ts'
import { CLINIC_PATH, federationRouter } from './federation.ts'
import type { FederationOptions } from './federation.ts'
import { invitationRouter } from './invitation-pages.ts'
import type { InvitationOptions } from './invitation-pages.ts'
import { INVITATION_PATH } from './invitation.ts'

type PeopleRouterOptions = Omit<FederationOptions, 'provider'> &
  Pick<InvitationOptions, 'limits' | 'key'> & {
    /** public origin */
    readonly origin: string
    readonly login: ClinicLogin | undefined
  }

/** Goes before the dialogs: it brings the session in which somebody comes back to one. */
export async function peopleRouter(options: PeopleRouterOptions): Promise<Router> {
  const { store, origin, login } = options
  const isSecure = origin.startsWith('https:')
  const router = express.Router({ caseSensitive: true, strict: true })
  const session = browserSession(store, await sharedKey(store, 'session-key'), isSecure)
  router.use(['/oauth/interaction', CLINIC_PATH, INVITATION_PATH], session)
  if (login) {
    const provider = clinicProvider(login, `${origin}${CLINIC_PATH}/callback`)
    router.use(federationRouter({ ...options, provider }))
  }
  router.use(invitationRouter({ ...options, isSecure, provider: login?.name }))
  return router
}
