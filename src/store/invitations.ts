/** Invitations that were sent and not used yet. What stands in the link is kept as a hash only. */
import type { Store } from './collections.ts'

export interface InvitationDocument {
  /** hash of what stands in the link */
  readonly _id: string
  /** tenant */
  readonly t: string
  readonly email: string
  readonly name?: string
  readonly roles: readonly string[]
  readonly person?: string
  readonly created: Date
  readonly expires: Date
}

export async function insertInvitation({ invitations }: Store, invitation: InvitationDocument): Promise<void> {
  await invitations.insertOne(invitation)
}

/** MongoDB takes what is over away once a minute only. */
export async function findInvitation({ invitations }: Store, id: string): Promise<InvitationDocument | undefined> {
  return (await invitations.findOne({ _id: id, expires: { $gt: new Date() } })) ?? undefined
}

/** For one caller only, however many there are. */
export async function takeInvitation({ invitations }: Store, id: string): Promise<InvitationDocument | undefined> {
  return (await invitations.findOneAndDelete({ _id: id, expires: { $gt: new Date() } })) ?? undefined
}
