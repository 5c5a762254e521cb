/**
 * How many requests of one kind of asker are taken in a time. Each process counts for itself, so that a request waits for
 * nobody, and tells a count that all share what it added, some times a second. While that does not answer, each process
 * holds the limit alone: there is never none.
 */
export interface Rates {
  /** Counts one more. Gives the seconds to wait when that is too many, else undefined. */
  take(key: string): number | undefined
  stop(): void
}

/** What all processes counted together, and how long that counts still. */
export interface Counted {
  readonly count: number
  readonly milliseconds: number
}

export interface RateOptions {
  /** so many times */
  readonly times: number
  /** in so many seconds, from the first on */
  readonly seconds: number
  /** Adds to what all count; rejects while that is away. */
  readonly add: (key: string, count: number) => Promise<Counted>
}

interface Entry {
  readonly key: string
  /** as far as all were told */
  told: number
  /** since then, here */
  fresh: number
  /** milliseconds */
  ends: number
  isTelling: boolean
}

const TELL_MILLISECONDS = 100
/** Askers that are counted at once; all further ones count as one. */
const MOST = 50_000
const REST = '…'

export function rates({ times, seconds, add }: RateOptions): Rates {
  let entries = new Map<string, Entry>()
  const untold = new Set<Entry>()
  const begin = (key: string, now: number): Entry => {
    if (entries.size >= MOST) entries = new Map([...entries].filter(([, { ends }]) => ends > now))
    const name = entries.size >= MOST ? REST : key
    const there = entries.get(name)
    if (there && there.ends > now) return there
    const entry = { key: name, told: 0, fresh: 0, ends: now + seconds * 1000, isTelling: false }
    entries.set(name, entry)
    return entry
  }
  const timer = setInterval(() => {
    for (const entry of untold) if (!entry.isTelling) void tell(entry, add).finally(() => (entry.isTelling = false))
    untold.clear()
  }, TELL_MILLISECONDS).unref()
  return {
    take(key) {
      const now = Date.now()
      const known = entries.get(key)
      const entry = known && known.ends > now ? known : begin(key, now)
      if (entry.told + entry.fresh >= times) return Math.max(1, Math.ceil((entry.ends - now) / 1000))
      entry.fresh++
      untold.add(entry)
      return undefined
    },
    stop: () => clearInterval(timer),
  }
}

/** Counted as told before it is known: what comes meanwhile is on top of it. */
async function tell(entry: Entry, add: RateOptions['add']): Promise<void> {
  const { key, fresh } = entry
  entry.isTelling = true
  entry.told += fresh
  entry.fresh = 0
  try {
    const { count, milliseconds } = await add(key, fresh)
    entry.told = count
    entry.ends = Date.now() + milliseconds
  } catch {
    // The count of this process stands
  }
}
