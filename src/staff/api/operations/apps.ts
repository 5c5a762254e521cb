/** Registered apps and services: who may ask for tokens, and for what. What is decided holds at once, in every gateway. */
import { GatewayError } from '../../../kernel/errors.ts'
import { addAudit } from '../../../store/audit.ts'
import type { ClientDecision, ClientDocument, ClientState } from '../../../store/clients.ts'
import { addSecret, decideClient, findClient, listClients, newSecret, removeClient } from '../../../store/clients.ts'
import type { Store } from '../../../store/collections.ts'
import { assertMayGive, permissionsInScope } from '../granting.ts'
import { actOf } from '../on-record.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from '../operation.ts'
import { ok } from '../operation.ts'

export const listApps: ApiOperation = {
  async handle({ tenant, query }, { store }) {
    const apps = await listClients(store, tenant)
    const { state } = query
    return ok({ items: apps.filter((app) => state === undefined || app.state === state).map(viewOf) })
  },
}

export const getApp: ApiOperation = {
  async handle(request, { store }) {
    return ok(viewOf(await appIn(request, store)))
  },
}

export const approveApp: ApiOperation = {
  async handle(request, { store, desk }) {
    const { scope, verified } = (request.body ?? {}) as { readonly scope?: string; readonly verified?: boolean }
    const app = await appIn(request, store)
    assertState(app, 'approved', ['pending', 'suspended'])
    const change = desk.appChange(app, { ...(scope !== undefined && { scope }) })
    assertMayGive(request.caller, permissionsInScope(change.scope ?? ''))
    return decided(request, store, app, { state: 'approved', ...change, ...(verified !== undefined && { verified }) })
  },
}

export const refuseApp = ending('refused', ['pending'])
export const suspendApp = ending('suspended', ['approved'])

/** Nothing is given to it any more; it stays, so that it can be approved after all. */
function ending(word: string, from: readonly ClientState[]): ApiOperation {
  return {
    async handle(request, { store }) {
      const app = await appIn(request, store)
      assertState(app, word, from)
      return decided(request, store, app, { state: 'suspended' })
    },
  }
}

export const setAppRedirects: ApiOperation = {
  async handle(request, { store, desk }) {
    const { redirectUris } = request.body as { readonly redirectUris: readonly string[] }
    const app = await appIn(request, store)
    return decided(request, store, app, desk.appChange(app, { redirectUris }))
  },
}

export const addAppSecret: ApiOperation = {
  async handle(request, { store }) {
    const app = await appIn(request, store)
    const { alone = false } = (request.body ?? {}) as { readonly alone?: boolean }
    if (app.kind !== 'symmetric') throw new GatewayError('GW_CONFLICT', 'This app proves itself without a secret.')
    await recorded(request, store, app, 'secret')
    const { secret, stored } = newSecret()
    await addSecret(store, app._id, { stored, alone })
    const kept = { id: app._id, created: stored.created.toISOString() }
    return { status: 201, body: { ...kept, secret }, kept }
  },
}

export const revokeApp: ApiOperation = {
  async handle(request, { store }) {
    const app = await appIn(request, store)
    await recorded(request, store, app, 'revoke')
    await removeClient(store, app._id)
    return { status: 204 }
  },
}

async function appIn({ path, tenant }: ApiRequest, store: Store): Promise<ClientDocument> {
  const app = await findClient(store, path['id'] ?? '')
  if (app?.t === tenant) return app
  throw new GatewayError('GW_NOT_FOUND', 'There is no such app: GET /api/apps lists them.')
}

function assertState({ state }: ClientDocument, word: string, from: readonly ClientState[]): void {
  if (from.includes(state)) return
  throw new GatewayError('GW_CONFLICT', `It is ${state}: only an app that is ${from.join(' or ')} can be ${word}.`)
}

async function decided(
  request: ApiRequest,
  store: Store,
  app: ClientDocument,
  decision: ClientDecision,
): Promise<ApiAnswer> {
  await recorded(request, store, app, decision.state ?? 'change')
  const after = await decideClient(store, app._id, decision, app.state)
  if (!after) throw new GatewayError('GW_CONFLICT', 'Somebody else decided about this app meanwhile: look again.')
  return ok(viewOf(after))
}

function recorded(request: ApiRequest, store: Store, { _id }: ClientDocument, what: string): Promise<void> {
  return addAudit(store, [actOf(request, { kind: 'client', action: 'U', query: `${what}: ${_id}` })])
}

/** Without secrets, whose hashes are nobody's business either. */
function viewOf(app: ClientDocument): object {
  const { _id: id, name, kind, state, scope, redirectUris, grants, verified, native, created, by } = app
  const { jwksUri, launchUrl, logoUri, publisher } = app
  return {
    ...{ id, name, kind, state, scope, redirectUris, grants, verified, native },
    ...{ secrets: app.secrets.length, created: created.toISOString(), by },
    ...(jwksUri !== undefined && { jwksUri }),
    ...(launchUrl !== undefined && { launchUrl }),
    ...(logoUri !== undefined && { logoUri }),
    ...(publisher !== undefined && { publisher }),
  }
}
