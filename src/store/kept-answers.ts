/**
 * What was answered to a request that carried a key of its own (Idempotency-Key): whoever repeats it gets that answer, and
 * nothing is done twice. That something was written is kept in the transaction that wrote it, so a request that was killed
 * between its commit and its answer is known too. Bodies are sealed: they may hold anything.
 */
import type { ClientSession } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import type { Place } from '../seal/seals.ts'
import type { Store } from './collections.ts'
import { isDuplicate } from './failures.ts'

export interface KeptAnswerDocument {
  /** `<tenant>/<hash of who asked where, and the key>` */
  readonly _id: string
  /** who is at it; another claim takes it over when this one is forgotten */
  readonly claim: string
  readonly claimed: Date
  /** hash of what was asked */
  readonly asked: string
  /** `<Type>/<id>/_history/<version>`, as soon as it is committed */
  readonly written?: readonly string[]
  readonly answer?: KeptAnswer
}

export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** sealed */
  readonly body: string
}

/** What a commit marks as done. */
export interface Once {
  readonly _id: string
  readonly claim: string
}

/** Undefined: it is the claim's now. Else what is there of it. */
export async function claimAnswer(
  store: Store,
  claimed: Pick<KeptAnswerDocument, '_id' | 'claim' | 'asked'>,
  forgotten: Date,
): Promise<KeptAnswerDocument | undefined> {
  const { keptAnswers } = store
  const document = { ...claimed, claimed: new Date() }
  try {
    await keptAnswers.insertOne(document)
    return undefined
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
  const { _id, asked, claim } = claimed
  const left = { _id, asked, claimed: { $lt: forgotten }, written: { $exists: false }, answer: { $exists: false } }
  const taken = await keptAnswers.updateOne(left, { $set: { claim, claimed: document.claimed } })
  if (taken.modifiedCount === 1) return undefined
  return (await keptAnswers.findOne({ _id })) ?? claimAnswer(store, claimed, forgotten)
}

/** In the transaction of what was written. Throws 409 where somebody else has taken it over. */
export async function markDone(
  { keptAnswers }: Store,
  done: readonly (Once & { readonly written: readonly string[] })[],
  session: ClientSession,
): Promise<void> {
  for (const { _id, claim, written } of done) {
    const { matchedCount } = await keptAnswers.updateOne(
      { _id, claim },
      { $push: { written: { $each: [...written] } } },
      { session },
    )
    if (matchedCount === 0) throw new GatewayError('GW_CONFLICT', 'This request was sent again meanwhile.')
  }
}

export function placeOfAnswer(_id: string): Place {
  return { record: _id, path: 'answer' }
}

export async function keepAnswer(store: Store, { _id, claim }: Once, answer: KeptAnswer): Promise<void> {
  const body = store.seals.seal(placeOfAnswer(_id), answer.body)
  await store.keptAnswers.updateOne({ _id, claim }, { $set: { answer: { ...answer, body } } })
}

/** Nothing came of it that is worth keeping: whoever asks again is answered anew. */
export async function dropAnswer({ keptAnswers }: Store, { _id, claim }: Once): Promise<void> {
  await keptAnswers.deleteOne({ _id, claim, written: { $exists: false } })
}

export function openAnswer({ seals }: Store, _id: string, answer: KeptAnswer): KeptAnswer {
  return { ...answer, body: seals.open(placeOfAnswer(_id), answer.body) }
}
