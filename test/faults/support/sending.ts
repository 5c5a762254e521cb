/** A trouble in the midst of sending. */
import type { Clinic } from './clinic.ts'
import { messagesHeard } from './verdict.ts'
import { until } from './waiting.ts'
import type { World } from './world.ts'

export interface Troubled {
  readonly world: World
  readonly clinic: Clinic
  /** of the EHR, on flags */
  readonly subscription: string
}

/** So many more are booked and due; the trouble comes when the first of them is out. */
export async function whileSending(
  { world, clinic }: Pick<Troubled, 'world' | 'clinic'>,
  count: number,
  trouble: () => Promise<void>,
): Promise<void> {
  await booked({ world, clinic }, count)
  const before = messagesHeard(world)
  await clinic.hurry()
  await until('the first of them is sent', () => messagesHeard(world) > before)
  await trouble()
}

/** And planned, but not due. */
export async function booked({ world, clinic }: Pick<Troubled, 'world' | 'clinic'>, count: number): Promise<void> {
  await clinic.book(count)
  const planned = async (): Promise<boolean> => (await world.store.owed.countDocuments()) >= clinic.booked.length
  await until('all of them are planned', planned)
}
