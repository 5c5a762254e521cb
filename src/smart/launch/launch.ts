/**
 * EHR launch: a record system prepares the launch of an app (POST /oauth/launch, with a token that carries launch:create)
 * and opens the address it gets in the user's browser. The app brings the handle along, which is good once.
 */
import { errors } from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Request, Response } from 'express'
import { callerName } from '../../access/caller-name.ts'
import type { Credential } from '../../access/credential.ts'
import { permitOf } from '../../access/permit.ts'
import type { Answer } from '../../http/answer.ts'
import { bearerToken, credentialIn } from '../../http/authentication.ts'
import { readBody } from '../../http/body.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Limits } from '../../kernel/limits.ts'
import { findActiveAccount } from '../../store/accounts.ts'
import { findBearer } from '../../store/authorization.ts'
import type { ClientDocument } from '../../store/clients.ts'
import { findApprovedClient } from '../../store/clients.ts'
import type { Store } from '../../store/collections.ts'
import type { LaunchContext } from '../../store/grants.ts'
import { GOOD_FOR, mintLaunch, takeLaunch } from '../../store/launches.ts'
import type { Bases } from '../bases.ts'
import { LAUNCH_CREATE } from '../clients/client-scope.ts'
import { readLaunchRequest } from './launch-request.ts'
import type { LaunchRequest } from './launch-request.ts'
import { recordLaunch } from '../on-record.ts'
import type { Records } from '../records.ts'
import { requestedScopes } from '../requested-scopes.ts'

export interface LaunchOptions {
  readonly store: Store
  readonly bases: Bases
  readonly records: Records
  readonly limits: Limits
}

/** POST /oauth/launch. */
export async function prepareLaunch(options: LaunchOptions, request: Request, response: Response): Promise<Answer> {
  const { store, bases } = options
  const credential = await credentialOf(store, request)
  const body = await readBody(request, response, options.limits)
  const asked = readLaunchRequest(body ?? '')
  const { tenant } = credential
  const client = await findApprovedClient(store, asked.client)
  if (client?.t !== tenant) throw new GatewayError('GW_UNPROCESSABLE', 'client names no approved app of this tenant.')
  await assertContext(options, credential, asked)
  const account = await accountFor(store, credential, asked.user)
  const context = contextOf(asked)
  await recordLaunch(store, credential, client._id, asked.patient)
  const launch = await mintLaunch(store, {
    t: tenant,
    client: client._id,
    ...(account !== undefined && { account }),
    context,
    by: callerName(credential.client, credential.user?.account),
  })
  const url = launchUrl(client, bases.of(tenant), launch)
  const content = { launch, ...(url !== undefined && { launch_url: url }), expires_in: GOOD_FOR / 1000 }
  return {
    status: 201,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify(content),
  }
}

/** A record system that was registered for it; where a user acts through it, one with the permission as well. */
async function credentialOf(store: Store, request: Request): Promise<Credential> {
  const token = bearerToken(request)
  const payload = token === undefined ? undefined : await findBearer(store, token)
  if (!payload)
    throw new GatewayError('GW_INVALID_TOKEN', 'A launch is prepared with an access token that is good now.')
  const credential = credentialIn(payload)
  const { user, client } = credential
  const registered = (await store.clients.findOne({ _id: client }))?.scope.split(' ') ?? []
  if (!registered.includes(LAUNCH_CREATE) || (user && !user.permissions.includes(LAUNCH_CREATE))) {
    throw new GatewayError('GW_FORBIDDEN', `Launches are prepared with ${LAUNCH_CREATE}.`)
  }
  return credential
}

/** What may not be seen is answered as what is not there. */
async function assertContext(
  { records }: LaunchOptions,
  credential: Credential,
  { patient, encounter }: LaunchRequest,
): Promise<void> {
  if (patient === undefined) {
    if (encounter === undefined) return
    throw new GatewayError('GW_UNPROCESSABLE', 'An encounter is given with its patient.')
  }
  const permit = permitOf(credential)
  if (!(await records.patient(permit, patient))) {
    throw new GatewayError('GW_UNPROCESSABLE', 'patient names no patient that this token may read.')
  }
  if (encounter !== undefined && !(await records.encounter(permit, patient, encounter))) {
    throw new GatewayError('GW_UNPROCESSABLE', 'encounter names no encounter of this patient that this token may read.')
  }
}

/** Who prepares it launches it; a service says who does. */
async function accountFor(store: Store, { tenant, user }: Credential, asked?: string): Promise<string | undefined> {
  if (user) return user.account
  if (asked === undefined) return undefined
  const account = await findActiveAccount(store, asked)
  if (account?.t !== tenant) throw new GatewayError('GW_UNPROCESSABLE', 'user names no account of this tenant.')
  return asked
}

function contextOf({ patient, encounter, intent, fhirContext, needPatientBanner }: LaunchRequest): LaunchContext {
  return {
    ...(patient !== undefined && { patient }),
    ...(encounter !== undefined && { encounter }),
    ...(intent !== undefined && { intent }),
    ...(fhirContext && { fhirContext }),
    ...(needPatientBanner !== undefined && { need_patient_banner: needPatientBanner }),
  }
}

function launchUrl({ launchUrl: base }: ClientDocument, iss: string, launch: string): string | undefined {
  if (base === undefined) return undefined
  const url = new URL(base)
  url.searchParams.set('iss', iss)
  url.searchParams.set('launch', launch)
  return url.href
}

/** What `launch` brings is taken when the app asks, for it alone; without the scope it means nothing. */
export async function checkLaunch(
  store: Store,
  context: KoaContextWithOIDC,
  handle: string | undefined,
  client: string,
): Promise<void> {
  if (!requestedScopes(context).includes('launch')) return
  if (handle === undefined) throw new errors.InvalidRequest('the scope launch needs the parameter launch')
  if (await takeLaunch(store, handle, client)) return
  throw new errors.InvalidRequest('launch is unknown, too old, used or for another app')
}
