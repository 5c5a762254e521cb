/**
 * All that a gateway lives among, of a program's own: MongoDB with a clinic's database, Redis, a mail server, whoever sends
 * SMS for the clinic, an EHR that hears of flags; and the gateway with its workers in processes, to be killed.
 */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db, MongoClient } from 'mongodb'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import type { Store } from '../../../src/store/collections.ts'
import { openStore } from '../../../src/store/collections.ts'
import { connect } from '../../../src/store/connection.ts'
import type { MailServer } from '../../support/mail-server.ts'
import { mailServer } from '../../support/mail-server.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { Watched } from './program.ts'
import { watched } from './program.ts'
import type { Service } from './services.ts'
import { ownMongodb, ownRedis } from './services.ts'

export interface World {
  readonly folder: string
  readonly mongodb: Service
  readonly redis: Service
  readonly store: Store
  /** the clinic's own */
  readonly hms: Db
  readonly mails: MailServer
  readonly sms: Receiver
  readonly ehr: Receiver
  readonly gateway: Watched
  readonly workers: readonly [Watched, Watched]
  /** of the gateway, without a slash at its end */
  readonly url: string
  stop(): Promise<void>
}

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
/** What a provider takes to answer. */
const TAKES = 5
const PLENTY = '1000000'

export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-faults-'))
  const [mongodb, redis] = [await ownMongodb(folder), await ownRedis(folder)]
  const slowly = (): Promise<Receiver> =>
    receiver((response) => void setTimeout(() => response.writeHead(204).end(), TAKES))
  const [mails, sms, ehr] = [await mailServer(), await slowly(), await slowly()]
  await writeFile(join(folder, 'secret'), SECRET)
  const variables = {
    ...{ MONGODB_URI: mongodb.url, REDIS_URL: redis.url, PORT: String(await freePort()), LOG_LEVEL: 'warn' },
    ...{ ISTHMUS_DATA_DIR: folder, ISTHMUS_AUTH: 'off', ISTHMUS_OUTBOUND_NETWORKS: '127.0.0.0/8' },
    ISTHMUS_SOURCES: '[{ system: hms, database: hms, jobs: [appointment-reminders] }]',
    ...{ ISTHMUS_SMTP_URL: mails.url, ISTHMUS_MAIL_FROM: 'The Clinic <no-reply@clinic.example>' },
    ...{ ISTHMUS_SMS_WEBHOOK: sms.url, ISTHMUS_WEBHOOK_SECRETS: join(folder, 'secret') },
    ...{ ISTHMUS_MAX_EMAILS_PER_MINUTE: PLENTY, ISTHMUS_MAX_SMS_PER_MINUTE: PLENTY },
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  }
  const client = await connect(mongodb.url)
  const store = openStore(client, 'isthmus')
  await writeClinicSettings(store, 'default', { reminders: { enabled: true, minutesBefore: [120] } })
  const gateway = watched('gateway', 'gateway', variables)
  const workers = [watched('worker', 'worker 1', variables), watched('worker', 'worker 2', variables)] as const
  return {
    ...{ folder, mongodb, redis, store, hms: client.db('hms'), mails, sms, ehr, gateway, workers },
    url: `http://127.0.0.1:${variables.PORT}`,
    stop: () => stopAll([gateway, ...workers], [mails, sms, ehr], client, [mongodb, redis], folder),
  }
}

async function stopAll(
  programs: readonly Watched[],
  receivers: readonly { stop(): Promise<void> }[],
  client: MongoClient,
  services: readonly Service[],
  folder: string,
): Promise<void> {
  await Promise.all(programs.map((each) => each.kill()))
  await Promise.all(receivers.map((each) => each.stop()))
  await client.close()
  await Promise.all(services.map((each) => each.stop()))
  await rm(folder, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
