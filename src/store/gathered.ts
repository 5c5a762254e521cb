/**
 * Searches of one turn of the event loop go out as one command (facts: the driver's round trip costs more than a search that
 * finds little). Only for what few resources fit: all wait for the slowest.
 */
import { MongoServerError } from 'mongodb'

/** `moment`: of the database, at which they are done; undefined: now. */
export type FindAll<Wanted, Found> = (
  batch: readonly Wanted[],
  moment: string | undefined,
) => Promise<{ readonly found: readonly Found[]; readonly moment: string }>

export type FindOne<Wanted, Found> = (
  wanted: Wanted,
  moment: string | undefined,
) => Promise<{ readonly found: Found; readonly moment: string }>

/** Searches of one command, which mongod does one after the other. */
const MOST = 32
/** What is looked up by id, for work that nobody waits for, is one walk along an index. */
export const MOST_BY_ID = 256
/** Commands under way; searches that come meanwhile gather for the next. */
const UNDER_WAY = 2

interface Waiting<Wanted, Found> {
  readonly wanted: Wanted
  readonly moment: string | undefined
  readonly resolve: (answer: { readonly found: Found; readonly moment: string }) => void
  readonly reject: (error: unknown) => void
}

export function gathered<Wanted, Found>(findAll: FindAll<Wanted, Found>, most = MOST): FindOne<Wanted, Found> {
  let waiting: Waiting<Wanted, Found>[] = []
  let underWay = 0
  let isPlanned = false
  const plan = (): void => {
    if (isPlanned || waiting.length === 0 || underWay === UNDER_WAY) return
    isPlanned = true
    setImmediate(send)
  }
  const send = (): void => {
    isPlanned = false
    underWay++
    const batch = waiting.filter(({ moment }) => moment === waiting[0]?.moment).slice(0, most)
    waiting = waiting.filter((each) => !batch.includes(each))
    void answer(findAll, batch).finally(() => {
      underWay--
      plan()
    })
    plan()
  }
  return (wanted, moment) =>
    new Promise((resolve, reject) => {
      waiting.push({ wanted, moment, resolve, reject })
      plan()
    })
}

/** The same for what is asked as it is now. */
export function gatheredNow<Wanted, Found>(
  findAll: (batch: readonly Wanted[]) => Promise<readonly Found[]>,
  most = MOST,
): (wanted: Wanted) => Promise<Found> {
  const find = gathered<Wanted, Found>(async (batch) => ({ found: await findAll(batch), moment: '' }), most)
  return async (wanted) => (await find(wanted, undefined)).found
}

/** When they fail together, each is tried alone: somebody else's may be what failed. */
async function answer<Wanted, Found>(
  findAll: FindAll<Wanted, Found>,
  batch: readonly Waiting<Wanted, Found>[],
): Promise<void> {
  try {
    const { found, moment } = await findAll(
      batch.map(({ wanted }) => wanted),
      batch[0]?.moment,
    )
    for (const [index, { resolve }] of batch.entries()) resolve({ found: found[index] as Found, moment })
  } catch (error) {
    if (batch.length > 1 && error instanceof MongoServerError) {
      await Promise.all(batch.map((each) => answer(findAll, [each])))
    } else for (const { reject } of batch) reject(error)
  }
}
