/** Tokens by which a websocket is bound to subscriptions: kept as hashes, as all tokens are. */
import { hash, randomBytes } from 'node:crypto'
import type { Store } from './collections.ts'
import type { BindingDocument } from './subscription-documents.ts'

/** The token, which is known to nobody else. */
export async function addBinding({ bindings }: Store, binding: Omit<BindingDocument, '_id'>): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await bindings.insertOne({ _id: nameOf(token), ...binding })
  return token
}

/** Undefined: there is none, or none any more. */
export async function findBinding({ bindings }: Store, token: string): Promise<BindingDocument | undefined> {
  return (await bindings.findOne({ _id: nameOf(token), expires: { $gt: new Date() } })) ?? undefined
}

function nameOf(token: string): string {
  return hash('sha256', token, 'base64url')
}
