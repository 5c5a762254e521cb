/**
 * Reminders against a bare program of BullMQ, in turns: `node bench/reminders.ts [how many at once] [rounds] [email]`.
 *
 * Both send the same text by the same signed webhook, or by SMTP, to a receiver in a process of its own. The bare program adds
 * names in bulk and works as many at once as the gateway does, with nothing looked at and nothing on record; the gateway has
 * all of them owed at one moment, looks at appointment, patient, choices and consents, asks for its turn, and commits each
 * with its Communication. Then some that fall due one after the other: how long from the due moment until it was taken.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { openChannels } from '../src/cli/channels.ts'
import { openPost } from '../src/cli/post.ts'
import { readConfig } from '../src/config/config.ts'
import { createLogger } from '../src/kernel/logger.ts'
import { loadSystems } from '../src/mapping/load.ts'
import { planOf } from '../src/projection/plan.ts'
import { staffWaitlist } from '../src/staff/api/operations/waitlist/by-itself.ts'
import { knownClinicSettings } from '../src/store/clinic-settings.ts'
import { nameOfKey, sealsOf } from '../src/seal/seals.ts'
import type { Store } from '../src/store/collections.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import type { ResourceDocument } from '../src/store/documents.ts'
import type { OwedDocument } from '../src/store/owed.ts'
import { owedId } from '../src/store/owed.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { showing } from '../src/workers/contacts.ts'
import { Due } from '../src/workers/due.ts'
import { appointmentReminders } from '../src/workers/owing/appointment-reminders.ts'
import { inApps } from '../src/workers/owing/in-app.ts'
import { clinicOf } from '../src/workers/owing/kind.ts'
import type { Letter, Post } from '../src/workers/owing/post.ts'
import { worded } from '../src/workers/owing/wording.ts'
import { Sender } from '../src/workers/sender.ts'
import { cpuTime } from './support/cpu-time.ts'
import { hear, startChild, stopChild } from './support/child.ts'
import { startBenchServices } from './support/services.ts'
import { median, quantile } from './support/statistics.ts'

const COUNT = Number(process.argv[2] ?? 2_000)
/** The machine's hour weighs as much on the one as on the other. */
const ROUNDS = Number(process.argv[3] ?? 5)
const TRICKLE = 200
const BATCH = 1_000
const isEmail = process.argv[4] === 'email'
const WAY = isEmail ? 'email' : 'sms'
const START = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 7_200_000).toISOString()
const WHICH = `120 ${START}`

/** As the gateway's sender has at work (src/workers/sender.ts). */
const AT_ONCE = 1_024

const sentAt = new Map<string, number>()
const receiver = startChild(new URL(`support/${isEmail ? 'mail' : 'webhook'}-receiver.ts`, import.meta.url))
const port = await hear<number>(receiver)
const mail = { url: `smtp://127.0.0.1:${port}`, from: 'The Clinic <no-reply@clinic.example>' }
const sms = { url: `http://127.0.0.1:${port}/`, secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`] }
const known = readConfig({ PUBLIC_URL: 'https://interop.example.org', ISTHMUS_AUTH: 'off' }, [])
const config = {
  ...known,
  channels: {
    ...(isEmail ? { mail, sms: undefined } : { mail: undefined, sms }),
    ...{ push: undefined, folder: undefined },
  },
  limits: { ...known.limits, emailsPerMinute: 10_000_000, smsPerMinute: 10_000_000 },
}

function stored(type: string, id: string, content: object): ResourceDocument {
  const u = new Date()
  const meta = { versionId: '1', lastUpdated: u.toISOString() }
  const body = JSON.stringify({ resourceType: type, id, meta, ...content })
  const own = { _id: `default/${type}/${id}`, t: 'default', tt: `default/${type}`, v: 1, u }
  return { ...own, deleted: false, body, hash: id, k: [], d: [], n: [], o: {} }
}

/** Appointments from `first` on, each with its patient and its reminder. */
async function fill(store: Store, first: number, count: number, dueOf: (n: number) => Date): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - n) }, (_, index) => first + n + index)
    await store.resources.insertMany(numbers.flatMap(bookedOf))
    const owed = numbers.map((number) => owedOf(number, dueOf(number - first)))
    await store.owed.insertMany(owed)
    ids.push(...owed.map(({ _id }) => _id))
  }
  return ids
}

function bookedOf(n: number): ResourceDocument[] {
  const participant = [{ actor: { reference: `Patient/p${n}` }, status: 'accepted' }]
  const telecom = [
    { system: 'phone', value: '+15550100' },
    { system: 'email', value: `p${n}@people.example` },
  ]
  return [
    stored('Patient', `p${n}`, { telecom }),
    stored('Appointment', `a${n}`, { status: 'booked', start: START, participant }),
  ]
}

function owedOf(n: number, due: Date): OwedDocument {
  const what = { t: 'default', kind: 'appointment-reminders', about: `default/Appointment/a${n}`, which: WHICH }
  return { _id: owedId(what), ...what, due, at: due, state: 'owed', tries: 0 }
}

async function untilSent(count: number): Promise<void> {
  while (sentAt.size < count) await sleep(10)
}

interface Figures {
  readonly perSecond: number
  /** microseconds a message: of this program, and of mongod */
  readonly own: number
  readonly mongod: number
}

/** From the beginning of `work` until everything was taken. */
async function measured(work: () => unknown): Promise<Figures> {
  sentAt.clear()
  const own = cpuTime([process.pid])
  const mongod = services.mongodCpu()
  const begin = performance.now()
  await work()
  await untilSent(COUNT)
  const perSecond = (COUNT / (performance.now() - begin)) * 1000
  return { perSecond, own: (cpuTime([process.pid]) - own) / COUNT, mongod: (services.mongodCpu() - mongod) / COUNT }
}

const LETTER: Letter = {
  ...{ id: 'bare', tenant: 'default', template: 'appointment-reminder', language: 'en', facts: { start: START } },
  recipient: { resourceType: 'Patient' },
}

async function bare(redisUrl: string): Promise<Figures> {
  const connection = { url: redisUrl, maxRetriesPerRequest: null }
  const queue = new Queue('bare', { connection })
  const jobs = Array.from({ length: COUNT }, (_, n) => ({ name: 'bare', data: {}, opts: { jobId: `bare-${n}` } }))
  const { channels, close } = openChannels(config.channels)
  const to = isEmail ? 'p@people.example' : '+15550100'
  const message = { kind: 'bare', language: 'en', to, ...worded(LETTER, { code: WAY }) } as const
  const work = async ({ id = '' }) => {
    await channels.get(WAY)?.send({ id, ...message })
    sentAt.set(id, Date.now())
  }
  const worker = new Worker('bare', work, {
    ...{ connection, concurrency: AT_ONCE, removeOnComplete: { count: 0 }, autorun: false },
  })
  const figures = await measured(async () => {
    await queue.addBulk(jobs)
    void worker.run()
  })
  await worker.close()
  await queue.obliterate()
  await queue.close()
  close()
  return figures
}

/** That the process holds. */
function mebibytes(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20)
}

/** What sends what is due, as the gateway has it. */
function sending(store: Store, redisUrl: string, post: Post): { start: () => void; stop: () => Promise<void> } {
  const place = { redisUrl, database: store.db.databaseName }
  const log = createLogger('warn')
  const systems = loadSystems('mappings', { base: 'https://interop.example.org' }).systems
  const sources = systems
    .filter(({ system }) => system === 'hms')
    .map((system) => ({ system, database: 'hms', tenant: 'default', timeZone: 'UTC', jobs: ['appointment-reminders'] }))
  const plan = planOf(sources, 'https://interop.example.org')
  const parts = { store, plan: () => plan, timeZoneOf: () => 'UTC', waitlist: staffWaitlist(() => '') }
  const kinds = [appointmentReminders(parts)]
  const writeBack = { store, plan, routing: {} }
  const due = new Due({ store, place, log, replan: () => Promise.resolve() })
  const clinic = (tenant: string) => clinicOf(parts, tenant, knownClinicSettings)
  const showInApp = inApps(parts, showing({ store }))
  const sender = new Sender({ store, place, kinds, post, showInApp, log, clinicOf: clinic, writeBack: () => writeBack })
  return {
    start() {
      due.start()
      sender.start()
    },
    async stop() {
      await due.stop()
      await sender.stop()
    },
  }
}

/** While it does, what is due is sent as the gateway sends it. */
async function whileSending<T>(store: Store, redisUrl: string, work: (start: () => void) => Promise<T>): Promise<T> {
  const post = await openPost({ config, store, redisUrl })
  const { start, stop } = sending(store, redisUrl, {
    async send(letter) {
      const posted = await post.send(letter)
      sentAt.set(letter.id, Date.now())
      return posted
    },
  })
  try {
    return await work(start)
  } finally {
    await stop()
    post.close()
  }
}

async function gateway(store: Store, redisUrl: string, first: number): Promise<Figures> {
  await fill(store, first, COUNT, () => new Date())
  // What was planned long ago is on disk; it is not written down while it is sent
  await store.client.db('admin').command({ fsync: 1 })
  return whileSending(store, redisUrl, (start) => measured(start))
}

/** Milliseconds from the due moment until it was taken, of messages that fall due one after the other. */
async function waits(store: Store, redisUrl: string, first: number): Promise<number[]> {
  return whileSending(store, redisUrl, async (start) => {
    start()
    sentAt.clear()
    const soon = Date.now() + 3_000
    const moments = (n: number) => new Date(soon + n * 50)
    const ids = await fill(store, first, TRICKLE, moments)
    await untilSent(TRICKLE)
    return ids.map((id, n) => (sentAt.get(id) ?? NaN) - moments(n).getTime())
  })
}

async function inTurns(store: Store, redisUrl: string): Promise<void> {
  const ratios: number[] = []
  const before = mebibytes()
  console.log(`${COUNT} at one moment: messages a second (CPU µs a message: this program, mongod)`)
  for (let round = 0; round < ROUNDS; round++) {
    const plain = await bare(redisUrl)
    const whole = await gateway(store, redisUrl, round * COUNT)
    ratios.push(whole.perSecond / plain.perSecond)
    console.log(`bare ${shown(plain)}  gateway ${shown(whole)}  ratio ${ratios.at(-1)?.toFixed(2)}`)
  }
  console.log(`ratio: median ${median(ratios).toFixed(2)}; memory ${before} MiB before, ${mebibytes()} afterwards`)
}

function shown({ perSecond, own, mongod }: Figures): string {
  return `${perSecond.toFixed(0).padStart(5)} (${own.toFixed(0)}, ${mongod.toFixed(0)})`
}

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  const key = randomBytes(32)
  const store = openStore(client, 'isthmus', sealsOf([{ kid: nameOfKey(key), key }]))
  await prepareSchema(store)
  await inTurns(store, services.redisUrl)
  const times = await waits(store, services.redisUrl, ROUNDS * COUNT)
  console.log(`from due to sent p50 ${quantile(times, 0.5)} ms, p95 ${quantile(times, 0.95)} ms`)
} finally {
  await stopChild(receiver)
  await client.close()
  await services.stop()
}
