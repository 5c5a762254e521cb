/** When all is over: was everything sent once, marked once, kept once, and are the numbers of events without gaps? */
import { messageKey } from '../../../src/channels/message-key.ts'
import { notifiedIn } from '../../support/subscription-server.ts'
import type { Clinic } from './clinic.ts'
import { mailOf, phoneOf } from './clinic.ts'
import { until } from './waiting.ts'
import type { World } from './world.ts'

/** Under which ids somebody was written to, as often as it happened. */
function deliveries({ mails, sms }: World): Map<string, string[]> {
  const all = [
    ...mails.mails.map(({ to, headers }) => [to[0] ?? '', headers.get('message-id') ?? ''] as const),
    ...sms.heard.map(({ body, headers }) => {
      return [(JSON.parse(body) as { to: string }).to, String(headers['idempotency-key'])] as const
    }),
  ]
  const byAddress = Map.groupBy(all, ([to]) => to)
  const key = (text: string): string => /msg_[0-9a-f]+/.exec(text)?.[0] ?? text
  return new Map([...byAddress].map(([to, each]) => [to, each.map(([, id]) => key(id))]))
}

/** Of both kinds, those that were sent again too. */
export function messagesHeard({ mails, sms }: World): number {
  return mails.mails.length + sms.heard.length
}

export function keysHeard(world: World): ReadonlySet<string> {
  return new Set([...deliveries(world).values()].flat())
}

/** `seconds`: in which the last of it must be sent. Throws where something is missing or doubled. */
export async function assertSentOnce(world: World, clinic: Clinic, seconds = 180): Promise<string> {
  const { store } = world
  await until(
    'everything is sent',
    async () => {
      await clinic.hurry()
      return (await store.owed.countDocuments({ state: 'sent' })) >= clinic.booked.length
    },
    seconds,
  ).catch(async (error: unknown) => {
    const states = await store.owed
      .aggregate([{ $group: { _id: { s: '$state', r: '$reason' }, n: { $sum: 1 } } }])
      .toArray()
    throw new Error(`${clinic.booked.length} booked, ${JSON.stringify(states)}`, { cause: error })
  })
  const owed = await store.owed.find().toArray()
  equal('messages owed, none but for what was booked', owed.length, clinic.booked.length)
  equal('of them sent', owed.filter(({ state }) => state === 'sent').length, clinic.booked.length)
  const heard = deliveries(world)
  const addresses = clinic.booked.map((person) => (Number(person) % 2 === 0 ? mailOf(person) : phoneOf(person)))
  equal('people who were written to', addresses.filter((to) => heard.has(to)).length, addresses.length)
  equal('people written to whom nobody meant', heard.size, addresses.length)
  equal(
    'people written to under more than one id',
    [...heard.values()].filter((ids) => new Set(ids).size > 1).length,
    0,
  )
  const keys = new Set([...heard.values()].flat())
  equal(
    'ids that receivers heard of what is owed',
    owed.filter(({ _id }) => keys.has(messageKey(_id))).length,
    owed.length,
  )
  await assertKept(world, clinic)
  const messages = [...heard.values()].reduce((sum, ids) => sum + ids.length, 0)
  return `${owed.length} reminders: each delivered, under one id; ${messages - owed.length} sent again under the same id`
}

/** Marked once in its row, whose resource says so in its second version, and one Communication. */
async function assertKept({ store, hms }: World, clinic: Clinic): Promise<void> {
  const told = await store.resources.find({ tt: 'default/Communication' }).toArray()
  equal('Communications', told.length, clinic.booked.length)
  equal('Communications of one version', told.filter(({ v }) => v === 1).length, told.length)
  const marked = hms.collection('appointments')
  equal(
    'rows that are marked',
    await marked.countDocuments({ reminderSent: { $type: 'string' } }),
    clinic.booked.length,
  )
  const twice = { tt: 'default/Appointment', method: { $ne: 'POST' as const } }
  await until(
    'each mark is a version',
    async () => (await store.versions.countDocuments(twice)) >= clinic.booked.length,
  )
  equal('versions that a mark made', await store.versions.countDocuments(twice), clinic.booked.length)
}

/** The EHR was told of every flag once or more, in order, and is told the same when it asks. */
export async function assertNoGaps(world: World, clinic: Clinic, subscription: string): Promise<string> {
  const { ehr, url } = world
  const told = (): number[] => ehr.heard.flatMap(({ body }) => notifiedIn(body).numbers)
  await until('every event is told', () => new Set(told()).size >= clinic.flags.length, 180)
  const numbers = [...new Set(told())]
  equal('numbers as they came first', numbers.join(), clinic.flags.map((_, n) => n + 1).join())
  const focuses = new Map(
    ehr.heard.flatMap(({ body }) => {
      const { numbers: each, focuses: of } = notifiedIn(body)
      return each.map((n, index) => [n, of[index]] as const)
    }),
  )
  equal('flags that were told of', new Set(focuses.values()).size, clinic.flags.length)
  const asked = await fetch(`${url}/fhir/R4/Subscription/${subscription}/$events?eventsSinceNumber=1`)
  const again = notifiedIn(await asked.text()).numbers
  equal('numbers that $events knows', again.join(), numbers.slice(0, again.length).join())
  return `${numbers.length} events, numbered without a gap and told in order; ${told().length - numbers.length} told again`
}

export function equal(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what}: ${String(found)}, not ${String(wanted)}`)
}
