import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import { until } from '../../support/owing.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import { redisUrl } from '../../support/services.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'
import { programOf } from '../../support/worker-program.ts'

const PATIENTS = 60
const MINUTE = 60_000

let hms: SourceServer
let inbox: Receiver
const programs = [0, 1].map(() =>
  programOf(new URL('owing-process.ts', import.meta.url), () => [
    hms.store.db.databaseName,
    hms.database('hms'),
    inbox.url,
  ]),
)

beforeAll(async () => {
  hms = await startSourceServer({ mappings: 'mappings', systems: ['hms'], jobs: ['appointment-reminders'] })
  inbox = await receiver((response) => void setTimeout(() => response.writeHead(204).end(), 5))
})

afterAll(async () => {
  for (const each of programs) await each.kill()
  await inbox.stop()
  await hms.stop()
})

async function bookAll(): Promise<void> {
  const start = new Date(Math.ceil(Date.now() / MINUTE) * MINUTE + 5 * MINUTE).toISOString()
  const [day = '', time = ''] = start.slice(0, 16).split('T')
  const all = Array.from({ length: PATIENTS }, (_, n) => n)
  const user = { firstName: 'A', lastName: 'B', isDeleted: false, roles: ['patient'] }
  await hms.load({
    'hms.users': all.map((n) => ({ ...user, id: `u${n}`, userId: `PAT-${n}`, email: `p${n}@example.org` })),
    'hms.patients': all.map((n) => ({ id: `p${n}`, userId: `u${n}` })),
    'hms.appointments': all.map((n) => {
      const when = { appointmentDate: `${day} 00:00:00`, appointmentTime: time, duration: 30, reminderSent: null }
      return { id: `a${n}`, patientId: `p${n}`, status: 'scheduled', ...when }
    }),
  })
}

/** As a receiver that remembers ids takes them. */
const taken = () => new Set(inbox.heard.map(({ headers }) => headers['idempotency-key']))
const count = (state: string) => hms.store.owed.countDocuments({ state: state as 'sent' })

test('killed with -9, and Redis emptied, again and again: each reminder arrives, under one id, and is marked once (faults 4, 20, 21)', async () => {
  await writeClinicSettings(hms.store, 'default', { reminders: { enabled: true, minutesBefore: [2] } })
  const redis = new Redis(redisUrl())
  try {
    await bookAll()
    programs[0]?.start()
    await until(async () => (await hms.store.owed.countDocuments()) === PATIENTS)
    // Until then the first pass over what is there may plan them again, for the time that the rows say
    await until(async () => (await hms.store.planned.countDocuments()) === 1)
    await hms.store.owed.updateMany({}, { $set: { at: new Date(), due: new Date() } })
    for (let round = 0; round < 6; round++) {
      const before = inbox.heard.length
      await until(async () => inbox.heard.length > before || (await count('sent')) === PATIENTS)
      await sleep(Math.random() * 40)
      const [one, other] = round % 2 === 0 ? programs : programs.toReversed()
      if (round % 3 === 2) await emptied(redis)
      await one?.kill()
      other?.start()
    }
    await until(async () => (await count('sent')) === PATIENTS)
  } finally {
    redis.disconnect()
  }
  expect(taken().size).toBe(PATIENTS)
  const told = await hms.store.resources.find({ tt: 'default/Communication' }).toArray()
  expect(told).toHaveLength(PATIENTS)
  expect(told.every(({ v }) => v === 1)).toBe(true)
  const marked = await hms.table('hms.appointments').countDocuments({ reminderSent: { $type: 'string' } })
  expect(marked).toBe(PATIENTS)
}, 180_000)

/** All that this gateway has there: other tests share the server. */
async function emptied(redis: Redis): Promise<void> {
  const keys = await redis.keys(`isthmus-${hms.store.db.databaseName}:*`)
  if (keys.length > 0) await redis.del(...keys)
}
