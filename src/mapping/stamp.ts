/** The present moment as a column holds it: in the form it has, or in that of its system where it is empty. */
import { storeTimestamp } from './codecs/moment.ts'
import { NotStorableError } from './errors.ts'
import type { SourceSystem } from './lens.ts'

const EMPTY = { sql: '2000-01-01 00:00:00', iso: '2000-01-01T00:00:00.000Z', date: new Date(0) } as const
const HOUR = 3_600_000

export function stamp(
  now: Date,
  before: unknown,
  { timestamps }: Pick<SourceSystem, 'timestamps'>,
  timeZone: string,
): unknown {
  const form =
    typeof before === 'string' && before !== '' ? before : before instanceof Date ? before : EMPTY[timestamps]
  const family = timestamps === 'sql' ? 'wall' : 'instant'
  const seconds = now.getTime() - now.getMilliseconds()
  const store = (at: number): unknown => storeTimestamp(new Date(at).toISOString(), form, timeZone, family)
  try {
    return store(seconds)
  } catch (error) {
    // The second of two equal wall times, when clocks go back: an hour before they showed the same
    if (error instanceof NotStorableError) return store(seconds - HOUR)
    throw error
  }
}
