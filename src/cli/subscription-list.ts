/** `isthmus subscriptions`: who is to be told of what and how far they were; what a receiver refused is sent again. */
import { Command } from 'commander'
import { StartError } from '../kernel/errors.ts'
import type { Store } from '../store/collections.ts'
import { countEvents, deadEvents, sendAgain } from '../store/subscription-events.ts'
import { findSubscription, listSubscriptions } from '../store/subscriptions.ts'
import { putOnRecord } from './on-record.ts'
import { withStore } from './with-store.ts'

interface Line {
  readonly subscription: string
  readonly state: string
  readonly reason?: string
  readonly creator: string
  readonly events: number
  readonly taken: number
  readonly tries: number
  /** numbers of events that the receiver refused for good */
  readonly dead: readonly number[]
}

const list = new Command('list')
  .description('every subscription: its state, how many events it had and how many were taken, and what was set aside')
  .option('--json', 'print it as JSON')
  .action(({ json = false }: { json?: boolean }) =>
    withStore(async (store) => {
      const lines = await linesOf(store)
      if (json) process.stdout.write(`${JSON.stringify(lines)}\n`)
      else process.stdout.write(lines.length === 0 ? 'No subscriptions.\n' : `${lines.map(textOf).join('\n')}\n`)
    }),
  )

const replay = new Command('replay')
  .description('send again what a receiver refused for good, or everything from an event on')
  .argument('<subscription>', 'as list shows it: default/Subscription/…')
  .option('--from <number>', 'every event from this number on')
  .action((id: string, { from }: { from?: string }) =>
    withStore(async (store) => {
      if (from !== undefined && !/^[1-9]\d{0,8}$/.test(from)) {
        throw new StartError(`--from is "${from}"; give the number of an event.`)
      }
      if (!(await findSubscription(store, id)))
        throw new StartError(`There is no ${id}: "isthmus subscriptions" lists them.`)
      const [tenant = ''] = id.split('/')
      const span = from === undefined ? undefined : { from: Number(from) }
      await putOnRecord(store, {
        tenant,
        kind: 'replay',
        action: 'E',
        query: `${id}${from === undefined ? '' : ` from ${from}`}`,
      })
      const count = await sendAgain(store, id, span)
      process.stdout.write(`${count} event${count === 1 ? ' is' : 's are'} sent again.\n`)
    }),
  )

async function linesOf(store: Store): Promise<Line[]> {
  const all = await listSubscriptions(store)
  const counts = await countEvents(
    store,
    all.map(({ _id }) => _id),
  )
  const dead = Map.groupBy(await deadEvents(store), ({ _id }) => _id.slice(0, _id.lastIndexOf('/')))
  return all.map(({ _id, state, reason, creator, sent, tries }) => ({
    subscription: _id,
    state,
    ...(reason !== undefined && { reason }),
    creator: creator.by,
    events: counts.get(_id) ?? 0,
    taken: sent,
    tries,
    dead: (dead.get(_id) ?? []).map(({ n }) => n),
  }))
}

function textOf({ subscription, state, reason, creator, events, taken, tries, dead }: Line): string {
  const waiting = events - taken
  return [
    `${subscription}: ${state}, of ${creator}, ${events} events`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(tries > 0 ? [`${tries} tries failed`] : []),
    ...(dead.length > 0 ? [`set aside: ${dead.join(', ')}`] : []),
    ...(reason === undefined ? [] : [reason]),
  ].join('; ')
}

export const subscriptionsCommand = new Command('subscriptions')
  .description('list who is told of changes and how far, send again what was refused')
  .addCommand(list, { isDefault: true })
  .addCommand(replay)
