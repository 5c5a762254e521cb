/** What people granted to apps: the launch that each grant is for, and what they see of it (`/oauth/apps`). */
import type { Store } from './collections.ts'

/** Goes beside the token as it is named here (SMART App Launch 2.2 §Launch context arrives with your access_token). */
export interface LaunchContext {
  readonly patient?: string
  readonly encounter?: string
  readonly fhirContext?: readonly Readonly<Record<string, unknown>>[]
  readonly need_patient_banner?: boolean
  readonly smart_style_url?: string
  readonly intent?: string
  readonly tenant?: string
}

export interface GrantDocument {
  /** oidc-provider's grantId */
  readonly _id: string
  readonly t: string
  readonly account: string
  readonly client: string
  /** as it was granted */
  readonly scope: string
  readonly launch: LaunchContext
  readonly created: Date
  /** when a token was last issued by it */
  readonly used: Date
  readonly expires: Date
}

export async function insertGrant(store: Store, grant: GrantDocument): Promise<void> {
  await store.grants.insertOne(grant)
}

/** The grant, which is used now. */
export async function useGrant(store: Store, id: string): Promise<GrantDocument | undefined> {
  return (await store.grants.findOneAndUpdate({ _id: id }, { $set: { used: new Date() } })) ?? undefined
}

/** Latest first. */
export function grantsOf(store: Store, account: string): Promise<GrantDocument[]> {
  return store.grants
    .find({ account, expires: { $gt: new Date() } })
    .sort({ created: -1 })
    .toArray()
}

/** It was not taken back, and is not over. */
export async function isGranted({ grants }: Store, id: string): Promise<boolean> {
  return (await grants.findOne({ _id: id, expires: { $gt: new Date() } }, { projection: { _id: 1 } })) !== null
}
