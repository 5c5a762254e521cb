/**
 * MongoDB comes back as it was some time ago, and Redis did not (faults 60, 61): what was sent since is sent again under the
 * ids it had, so that receivers can tell; names in Redis that MongoDB knows nothing of are taken and do nothing.
 */
import { openJobQueue } from '../../src/queue/job-queue.ts'
import type { Troubled } from './support/sending.ts'
import { booked } from './support/sending.ts'
import { assertSentOnce, equal, keysHeard } from './support/verdict.ts'
import { until } from './support/waiting.ts'
import type { World } from './support/world.ts'

const SOME = 20

export async function restored({ world, clinic }: Troubled): Promise<string[]> {
  await booked({ world, clinic }, SOME)
  await whileStopped(world, () => world.mongodb.saveTo('backup'))
  const atBackup = clinic.booked.length
  await booked({ world, clinic }, SOME)
  await assertSentOnce(world, clinic)
  const before = keysHeard(world)
  const names = (await world.store.owed.find().toArray()).map(({ _id }) => _id)
  const queue = openJobQueue({ redisUrl: world.redis.url, database: 'isthmus' }, 'owed')
  await whileStopped(world, async () => {
    await queue.addLists([{ id: 'before', names }])
    await world.mongodb.restoreFrom('backup')
  })
  const sent = (): Promise<number> => world.store.owed.countDocuments({ state: 'sent' })
  await until('what the backup says is owed is sent', async () => {
    await clinic.hurry()
    return (await sent()) === atBackup
  })
  await until('names that nobody knows are taken', async () => (await queue.waiting()) === 0)
  await queue.close()
  const after = keysHeard(world)
  const orphans = names.length - (await world.store.owed.countDocuments())
  equal('orphans', orphans, SOME)
  equal('ids that were not heard before', after.difference(before).size, 0)
  return [`60, 61 restored: ${SOME} sent again under their ids, ${orphans} names of Redis without a message dropped`]
}

async function whileStopped(world: World, work: () => Promise<void>): Promise<void> {
  const programs = [world.gateway, ...world.workers]
  await Promise.all(programs.map((each) => each.stop()))
  await world.mongodb.stop()
  await work()
  await world.mongodb.start()
  await Promise.all(programs.map((each) => each.start()))
}
