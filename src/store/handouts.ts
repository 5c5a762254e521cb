/**
 * What is due is handed out in lists. A handout goes into the queue under its id, and whoever takes it first has all of it
 * for a minute: that is one document a list, where a claim of each message was one more change of each. What nobody takes
 * in time is called back in the same way, so that it is either taken or called back.
 *
 * The id of the handout is part of what ends a message: a program that was frozen and wakes up ends nothing any more.
 */
import { randomUUID } from 'node:crypto'
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import { isNew } from './failures.ts'
import type { OwedDocument } from './owed.ts'
import { firstDue, owingTenants } from './owed.ts'

export interface HandoutDocument {
  readonly _id: string
  /** who took it; undefined: it was called back */
  readonly owner?: string
  /** theirs until then */
  readonly until: Date
}

export interface Handout {
  readonly id: string
  /** ids of messages */
  readonly messages: readonly string[]
}

/** A message as it was handed out. */
export interface Handed {
  readonly _id: string
  readonly handout: string
}

/** What becomes of one. */
export interface OwedEnd extends Handed {
  readonly state: 'sent' | 'failed' | 'dropped'
  readonly reason?: string
}

export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError'
}

/** A program that sends and is not heard of for so long is gone: what it took is owed again. */
export const TAKEN = 60_000
/** What was put into the queue and is not taken is put there again: Redis may have been emptied, or its taker killed. */
const OFFERED = 5_000
/** Of one handout: they are looked at and committed by a few commands. */
export const MOST_HANDED = 128
/** Said, since MongoDB would try the index on the state too, each time. */
const BY_ID = { _id: 1 } as const

export interface Due {
  readonly handouts: readonly Handout[]
  /** when there will be more, if that is known by now */
  readonly next: Date | undefined
}

export interface Look {
  /** milliseconds to look */
  readonly ahead?: number
  /** to whose people something may be owed; none: it is looked up */
  readonly tenants?: readonly string[]
}

/** What is due, at most so much of it; where there is more, each tenant has its share. */
export async function handOutDue({ owed }: Store, limit: number, { ahead = 0, ...look }: Look = {}): Promise<Due> {
  const tenants = look.tenants ?? (await owingTenants({ owed }))
  const now = new Date()
  // Both at once: whoever looks goes past the index entries of all that was handed out lately
  const first = await firstDue({ owed }, tenants, limit, new Date(now.getTime() + ahead))
  const due = first.filter(({ at }) => at <= now).map(({ _id }) => _id)
  const isAll = due.length < limit || tenants.length < 2
  const handouts = await handOut(owed, isAll ? due : await sharedDue(owed, tenants, { oldest: due, now }))
  return { handouts, next: first[due.length]?.at }
}

async function handOut(owed: Store['owed'], due: readonly string[]): Promise<Handout[]> {
  if (due.length === 0) return []
  const at = new Date(Date.now() + OFFERED)
  const handouts = Array.from({ length: Math.ceil(due.length / MOST_HANDED) }, (_, n) => ({
    id: randomUUID(),
    messages: due.slice(n * MOST_HANDED, (n + 1) * MOST_HANDED),
  }))
  const operations = handouts.map(({ id, messages }) => ({
    updateMany: {
      filter: { _id: { $in: messages }, state: 'owed' as const },
      update: { $set: { state: 'sending' as const, handout: id, at } },
      hint: BY_ID,
    },
  }))
  await owed.bulkWrite(operations, { ordered: false })
  return handouts
}

/** A tenant to whose people very much is owed at once holds up nobody else's (fault 51). */
async function sharedDue(
  owed: Store['owed'],
  tenants: readonly string[],
  { oldest, now }: { readonly oldest: readonly string[]; readonly now: Date },
): Promise<string[]> {
  const share = Math.ceil(oldest.length / tenants.length)
  const own = await Promise.all(tenants.map((tenant) => firstDue({ owed }, [tenant], share, now)))
  // One of each tenant after the other, and then whatever there is room for
  const turns = Array.from({ length: share }, (_, turn) => own.flatMap((each) => each[turn]?._id ?? []))
  return [...new Set([...turns.flat(), ...oldest])].slice(0, oldest.length)
}

/** The messages of a handout, which are the taker's now; none where somebody has it, or it was called back. */
export async function takeHandout(store: Store, owner: string, { id, messages }: Handout): Promise<HandedOut[]> {
  const until = new Date(Date.now() + TAKEN)
  if (!(await isNew(store.handouts.insertOne({ _id: id, owner, until }), 'handouts'))) return []
  return store.owed
    .find<HandedOut>({ _id: { $in: [...messages] }, state: 'sending', handout: id }, { hint: BY_ID })
    .toArray()
}

export type HandedOut = OwedDocument & Handed

/** What nobody took in time, and what the dead had taken, is owed again. */
export async function callBack(store: Store, isDead: (owner: string) => boolean): Promise<void> {
  const { owed, handouts } = store
  const now = new Date()
  const late = (await owed.distinct('handout', { state: 'sending', at: { $lte: now } })) as string[]
  const owners = (await handouts.distinct('owner', { owner: { $exists: true } })) as string[]
  const dead = owners.filter((owner) => isDead(owner))
  const again = { state: 'owed', at: now } as const
  // Claimed by a program of the release before
  await owed.updateMany({ state: 'sending', handout: { $exists: false }, until: { $lte: now } }, { $set: again })
  if (late.length + dead.length === 0) return
  const known = await handouts.find({ $or: [{ _id: { $in: late } }, { owner: { $in: dead } }] }).toArray()
  const [taken, before] = [known.filter(({ owner }) => owner), known.filter(({ owner }) => !owner)]
  const over = idsOf(taken.filter(({ owner = '', until }) => until <= now || dead.includes(owner)))
  const open = late.filter((id) => !known.some(({ _id }) => _id === id))
  // Whoever comes for one of these from now on has nothing
  const isBack = await Promise.all(open.map((_id) => isNew(handouts.insertOne({ _id, until: now }), 'handouts')))
  const untaken = [...idsOf(before), ...open.filter((_, at) => isBack[at])]
  await owed.updateMany({ state: 'sending', handout: { $in: untaken } }, { $set: again })
  await owed.updateMany({ state: 'sending', handout: { $in: over } }, { $set: again, $inc: { tries: 1 } })
  await handouts.updateMany({ _id: { $in: over } }, { $unset: { owner: 1 } })
}

function idsOf(handouts: readonly HandoutDocument[]): string[] {
  return handouts.map(({ _id }) => _id)
}

/** To be tried again at a later time; `untried`: this try counts for none. */
export async function postponeOwed(
  { owed }: Store,
  { _id, handout }: Handed,
  at: Date,
  untried = false,
): Promise<void> {
  const later = { $set: { state: 'owed' as const, at }, ...(!untried && { $inc: { tries: 1 } }) }
  await owed.updateOne({ _id, handout, state: 'sending' }, later)
}

/** Throws when one of them is another's by now. */
export async function endOwed({ owed }: Store, ends: readonly OwedEnd[], session?: ClientSession): Promise<void> {
  if (ends.length === 0) return
  const ended = new Date()
  // Most end alike, and one statement looks for them together: whoever has taken one of these handouts asks for all of them
  const alike = Map.groupBy(ends, ({ state, reason = '' }) => JSON.stringify([state, reason]))
  const operations = [...alike.values()].map((each) => {
    const [{ state, reason }] = each as [OwedEnd]
    const handout = { $in: [...new Set(each.map((end) => end.handout))] }
    const $set = { state, ended, ...(reason !== undefined && { reason }) }
    const filter = { _id: { $in: each.map(({ _id }) => _id) }, handout, state: 'sending' as const }
    return { updateMany: { filter, update: { $set }, hint: BY_ID } }
  })
  const { matchedCount } = await owed.bulkWrite(operations, { ...(session && { session }), ordered: false })
  if (matchedCount !== ends.length) throw new ClaimLostError('what was sent was handed out again meanwhile')
}
