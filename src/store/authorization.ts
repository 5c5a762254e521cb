/**
 * What the authorization server keeps: sessions, interactions, codes, tokens, grants. Each is found by the hash of its id,
 * and the id itself is nowhere stored: whoever reads the database holds no token.
 */
import { hash } from 'node:crypto'
import { cancelJobsBy, cancelJobsOf } from './jobs.ts'
import { isNew } from './failures.ts'
import type { Store } from './collections.ts'
import { perTurn } from './turn.ts'

export type Payload = Readonly<Record<string, unknown>>

/** `authorization`: removed by MongoDB some time after `expires`. */
export interface AuthorizationDocument {
  /** `<Model>/<hash of the id>` */
  readonly _id: string
  /** as oidc-provider has it, without the id (`jti`) */
  readonly payload: Payload
  readonly expires?: Date
  /** what it can be ended by */
  readonly grant?: string
  readonly account?: string
  readonly client?: string
  readonly session?: string
  /** of sessions and interactions: another name, which is no secret */
  readonly uid?: string
}

export type Model = string

/** Tokens that a request may carry. */
const BEARERS = ['AccessToken', 'ClientCredentials']

export function nameOf(model: Model, id: string): string {
  return `${model}/${hashOf(id)}`
}

function hashOf(id: string): string {
  return hash('sha256', id, 'base64url')
}

export async function findAuthorization(store: Store, model: Model, id: string): Promise<Payload | undefined> {
  const found = await store.authorization.findOne({ _id: nameOf(model, id) })
  return found ? { ...found.payload, jti: id } : undefined
}

/** Without its id, which nobody but its browser knows. */
export async function findByUid(store: Store, model: Model, uid: string): Promise<Payload | undefined> {
  const found = await store.authorization.findOne({ uid, _id: new RegExp(`^${model}/`) })
  return found?.payload
}

/** The payload of an access token; undefined: there is none, or none any more. One lookup by `_id`. */
export async function findBearer(store: Store, token: string): Promise<Payload | undefined> {
  return goodNow(await store.authorization.findOne({ _id: { $in: bearerNames(token) } }))
}

/** What is known of an access token by its hash: whether it is good, and by which grant it was issued. */
export async function bearerByHash(
  store: Store,
  id: string,
): Promise<{ readonly isGood: boolean; readonly grant?: string } | undefined> {
  const found = await store.authorization.findOne({ _id: { $in: BEARERS.map((model) => `${model}/${id}`) } })
  if (!found) return undefined
  return { isGood: goodNow(found) !== undefined, ...(found.grant !== undefined && { grant: found.grant }) }
}

/** The same where many are asked for at once. */
export function bearerFinder(store: Store): (token: string) => Promise<Payload | undefined> {
  return perTurn(async (tokens) => {
    const names = new Map(tokens.flatMap((token) => bearerNames(token).map((name) => [name, token] as const)))
    const found = await store.authorization.find({ _id: { $in: [...names.keys()] } }).toArray()
    return new Map(
      found.flatMap((each) => {
        const payload = goodNow(each)
        return payload ? [[names.get(each._id) as string, payload] as const] : []
      }),
    )
  })
}

function bearerNames(token: string): string[] {
  return BEARERS.map((model) => nameOf(model, token))
}

function goodNow(found: AuthorizationDocument | null): Payload | undefined {
  return found && Number(found.payload['exp']) * 1000 > Date.now() ? found.payload : undefined
}

/**
 * Keeps it, in place of what had the id. False: its grant was ended meanwhile, and so is this.
 * `seconds`: how long it is good for.
 */
export async function keep(
  store: Store,
  model: Model,
  id: string,
  payload: Payload,
  seconds: number | undefined,
): Promise<boolean> {
  const { _id, ...document } = documentOf(model, id, payload, seconds)
  await store.authorization.replaceOne({ _id }, document, { upsert: true })
  const { grant } = document
  if (grant === undefined || model === 'Grant') return true
  // Whoever ends a grant removes the grant first, then all that came of it: one of both sees the other
  if (await store.authorization.findOne({ _id: nameOf('Grant', grant) }, { projection: { _id: 1 } })) return true
  await store.authorization.deleteOne({ _id })
  return false
}

/** False: there is one of this id. */
export function keepOnce(
  store: Store,
  model: Model,
  id: string,
  payload: Payload,
  seconds: number | undefined,
): Promise<boolean> {
  return isNew(store.authorization.insertOne(documentOf(model, id, payload, seconds)))
}

/** True for one caller only, however many there are. */
export async function consume(store: Store, model: Model, id: string): Promise<boolean> {
  const { modifiedCount } = await store.authorization.updateOne(
    { _id: nameOf(model, id), 'payload.consumed': { $exists: false } },
    { $set: { 'payload.consumed': Date.now() / 1000 } },
  )
  return modifiedCount === 1
}

/** What it was used for is there. */
export async function settle(store: Store, model: Model, id: string): Promise<void> {
  await store.authorization.updateOne({ _id: nameOf(model, id) }, { $set: { 'payload.settled': true } })
}

export async function remove(store: Store, model: Model, id: string): Promise<void> {
  await store.authorization.deleteOne({ _id: nameOf(model, id) })
  if (BEARERS.includes(model)) await cancelJobsOf(store, { token: hashOf(id) })
}

/** What tokens are ended by: each that is named must fit. */
export interface Ended {
  readonly grant?: string
  readonly account?: string
  readonly client?: string
}

/** From now on no token of these is good, nor can another come of them. */
export async function revokeTokens(store: Store, ended: Ended): Promise<void> {
  if (Object.values(ended).every((each) => each === undefined)) throw new Error('nothing to revoke is named')
  await store.authorization.deleteMany({ ...ended, _id: /^Grant\// })
  await store.authorization.deleteMany({ ...ended })
  const { grant, ...others } = ended
  await (grant === undefined ? cancelJobsBy(store, others) : cancelJobsOf(store, { grant }))
  await store.grants.deleteMany(grant === undefined ? others : { ...others, _id: grant })
}

/** What was to end with the session: tokens of offline_access are not. */
export async function endSession(store: Store, session: string): Promise<void> {
  await store.authorization.deleteMany({ session, 'payload.expiresWithSession': true })
}

function documentOf(
  model: Model,
  id: string,
  { jti: _, ...payload }: Payload,
  seconds: number | undefined,
): AuthorizationDocument {
  const { grantId, accountId, clientId, sessionUid, uid } = payload as Readonly<Record<string, string | undefined>>
  const grant = model === 'Grant' ? id : grantId
  return {
    _id: nameOf(model, id),
    payload,
    ...(seconds !== undefined && { expires: new Date(Date.now() + seconds * 1000) }),
    ...(grant !== undefined && { grant }),
    ...(accountId !== undefined && { account: accountId }),
    ...(clientId !== undefined && { client: clientId }),
    ...(sessionUid !== undefined && { session: sessionUid }),
    ...(uid !== undefined && { uid }),
  }
}
