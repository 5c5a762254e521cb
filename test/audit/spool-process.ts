/** A program that puts events into the spool named in its argument, to be killed: its database is away for ever. */
import { Spool } from '../../src/audit/spool.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { isOwnerDead, ownerName } from '../../src/store/owner.ts'
import { sampleEvent } from './sample-event.ts'

const spool = new Spool({
  ...{ folder: process.argv[2] ?? '', owner: ownerName(), isDead: isOwnerDead, mostBytes: 1e6 },
  add: () => Promise.reject(new Error('away')),
  log: createLogger('silent'),
})
await Promise.all([spool.put([sampleEvent('1')]), spool.put([sampleEvent('2'), sampleEvent('3')])])
process.stdout.write('written\n')
