/** Moments as columns hold them: the present one in the form that a column has, and what stands there. */
import { readMoment, storeTimestamp } from './codecs/moment.ts'
import { NotStorableError } from './errors.ts'
import type { SourceSystem } from './lens.ts'

const EMPTY = { sql: '2000-01-01 00:00:00', iso: '2000-01-01T00:00:00.000Z', date: new Date(0) } as const
const HOUR = 3_600_000

/** Where the column is empty, in the form of its system. */
export function stamp(
  now: Date,
  before: unknown,
  { timestamps }: Pick<SourceSystem, 'timestamps'>,
  timeZone: string,
): unknown {
  const form =
    typeof before === 'string' && before !== '' ? before : before instanceof Date ? before : EMPTY[timestamps]
  const family = familyOf(timestamps)
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

/** In milliseconds; undefined where the column is empty, or holds no time. */
export function stamped(
  value: unknown,
  { timestamps }: Pick<SourceSystem, 'timestamps'>,
  timeZone: string,
): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  try {
    return readMoment(value, timeZone, familyOf(timestamps)).at
  } catch {
    return undefined
  }
}

function familyOf(timestamps: SourceSystem['timestamps']): 'wall' | 'instant' {
  return timestamps === 'sql' ? 'wall' : 'instant'
}
