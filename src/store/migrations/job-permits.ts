/** Version 6: a Permit says what it allows. Jobs of before then were asked while everybody was allowed everything. */
import type { Migration } from './migration.ts'

export const jobPermits: Migration = {
  to: 6,
  title: 'What jobs may do, as their Permits say it now',
  async run({ jobs }) {
    await jobs.updateMany({ 'permit.rules': { $exists: false } }, { $set: { 'permit.rules': 'everything' } })
  },
}
