/**
 * Launches that a record system prepared (EHR launch): a handle stands for who launches which app with whose record open.
 * The handle is a secret of 256 bits, kept by its hash; it is good for minutes and for one authorization request.
 */
import { hash, randomBytes } from 'node:crypto'
import type { Store } from './collections.ts'
import type { LaunchContext } from './grants.ts'

export interface Launch {
  /** tenant */
  readonly t: string
  readonly client: string
  /** who has to be signed in; none: whoever may see the patient */
  readonly account?: string
  /** what the app is told */
  readonly context: LaunchContext
  /** who prepared it, as audit remembers it */
  readonly by: string
}

/** `launches`: removed by MongoDB some time after `expires`. */
export interface LaunchDocument extends Launch {
  /** hash of the handle */
  readonly _id: string
  readonly created: Date
  readonly expires: Date
  /** when an authorization request took it */
  readonly used?: Date
}

export const GOOD_FOR = 5 * 60_000
/** What an authorization request took is read until its dialog ends. */
const KEPT_FOR = 60 * 60_000

/** The handle. */
export async function mintLaunch(store: Store, launch: Launch): Promise<string> {
  const handle = randomBytes(32).toString('base64url')
  const created = new Date()
  await store.launches.insertOne({ _id: nameOf(handle), ...launch, created, expires: after(created, GOOD_FOR) })
  return handle
}

/** True for one caller only: whoever takes it for the app that it was made for, in time. */
export async function takeLaunch(store: Store, handle: string, client: string): Promise<boolean> {
  const now = new Date()
  const { modifiedCount } = await store.launches.updateOne(
    { _id: nameOf(handle), client, used: { $exists: false }, expires: { $gt: now } },
    { $set: { used: now, expires: after(now, KEPT_FOR) } },
  )
  return modifiedCount === 1
}

/** What was taken. */
export async function takenLaunch(store: Store, handle: string, client: string): Promise<LaunchDocument | undefined> {
  return (await store.launches.findOne({ _id: nameOf(handle), client, used: { $exists: true } })) ?? undefined
}

function nameOf(handle: string): string {
  return hash('sha256', handle, 'base64url')
}

function after(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() + milliseconds)
}
