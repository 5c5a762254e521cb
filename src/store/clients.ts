/**
 * Clients: the apps and services that may ask for tokens. Secrets are kept as SHA-256 only: they are 256 random bits, so
 * there is nothing to guess that a slow hash would protect.
 */
import { hash, randomBytes } from 'node:crypto'
import { revokeTokens } from './authorization.ts'
import type { Store } from './collections.ts'
import { isNew } from './failures.ts'

export type ClientKind = 'public' | 'symmetric' | 'asymmetric'
export type ClientState = 'pending' | 'approved' | 'suspended'
export type ClientGrant = 'authorization_code' | 'refresh_token' | 'client_credentials'

export interface ClientSecret {
  readonly hash: string
  readonly created: Date
}

export interface ClientDocument {
  /** client_id */
  readonly _id: string
  readonly t: string
  readonly name: string
  readonly kind: ClientKind
  readonly state: ClientState
  readonly redirectUris: readonly string[]
  /** what it may ask for, separated by spaces; '' is nothing */
  readonly scope: string
  readonly grants: readonly ClientGrant[]
  /** at most two, so that a secret can be changed while the old one is in use */
  readonly secrets: readonly ClientSecret[]
  readonly jwks?: { readonly keys: readonly object[] }
  readonly jwksUri?: string
  readonly launchUrl?: string
  readonly logoUri?: string
  readonly publisher?: string
  /** somebody of the clinic knows its publisher */
  readonly verified: boolean
  /** redirects to loopback take any port (RFC 8252 §7.3) */
  readonly native: boolean
  /** may introspect the tokens of others */
  readonly introspects: boolean
  readonly created: Date
  readonly by: string
}

const SECRETS = 2

export function newClientId(): string {
  return randomBytes(16).toString('hex')
}

export function newSecret(): { readonly secret: string; readonly stored: ClientSecret } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, stored: { hash: hashOfSecret(secret), created: new Date() } }
}

export function hashOfSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

export async function findClient({ clients }: Store, id: string): Promise<ClientDocument | undefined> {
  return (await clients.findOne({ _id: id })) ?? undefined
}

/** Undefined: there is none, or it may not ask for tokens. */
export async function findApprovedClient({ clients }: Store, id: string): Promise<ClientDocument | undefined> {
  return (await clients.findOne({ _id: id, state: 'approved' })) ?? undefined
}

export async function isApproved({ clients }: Store, id: string): Promise<boolean> {
  return (await clients.findOne({ _id: id, state: 'approved' }, { projection: { _id: 1 } })) !== null
}

export function redirectUrisOfApproved({ clients }: Store): Promise<Pick<ClientDocument, '_id' | 'redirectUris'>[]> {
  return clients
    .find({ state: 'approved' })
    .project<Pick<ClientDocument, '_id' | 'redirectUris'>>({ redirectUris: 1 })
    .toArray()
}

export function listClients({ clients }: Store, tenant?: string): Promise<ClientDocument[]> {
  return clients
    .find(tenant === undefined ? {} : { t: tenant })
    .sort({ t: 1, created: 1 })
    .toArray()
}

/** False when the id is taken. */
export function addClient({ clients }: Store, client: ClientDocument): Promise<boolean> {
  return isNew(clients.insertOne(client), 'clients')
}

/** What an administrator decides about a client. */
export type ClientDecision = Partial<
  Pick<ClientDocument, 't' | 'state' | 'scope' | 'grants' | 'verified' | 'redirectUris'>
>

/** The client as it is afterwards; undefined when there is none in this state. Of one that is not approved no token is good. */
export async function decideClient(
  store: Store,
  id: string,
  decision: ClientDecision,
  from?: ClientState,
): Promise<ClientDocument | undefined> {
  const filter = { _id: id, ...(from && { state: from }) }
  const after = await store.clients.findOneAndUpdate(filter, { $set: decision }, { returnDocument: 'after' })
  if (after && after.state !== 'approved') await revokeTokens(store, { client: id })
  return after ?? undefined
}

/** A further secret, beside the newest of those that were there or instead of them. */
export async function addSecret(
  { clients }: Store,
  id: string,
  { stored, alone }: { readonly stored: ClientSecret; readonly alone: boolean },
): Promise<void> {
  const last = alone ? 1 : SECRETS
  await clients.updateOne({ _id: id }, { $push: { secrets: { $each: [stored], $slice: -last } } })
}

export async function removeClient(store: Store, id: string): Promise<boolean> {
  const { deletedCount } = await store.clients.deleteOne({ _id: id })
  await revokeTokens(store, { client: id })
  return deletedCount === 1
}
