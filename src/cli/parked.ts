/** `isthmus parked`: versions from which nothing could follow for somebody, and handing them on again once that is mended. */
import { Command } from 'commander'
import { listParked, tryParkedAgain } from '../store/parked.ts'
import { withStore } from './with-store.ts'

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const list = new Command('list')
  .description('every version that was parked: for which follower, which kind of error, which resource')
  .option('--json', 'print it as JSON')
  .action(({ json = false }: { json?: boolean }) =>
    withStore(async (store) => {
      const all = []
      for await (const { follower, reason, at, changes } of listParked(store)) {
        all.push(...changes.map(({ id, v }) => ({ follower, reason, at: at.toISOString(), version: `${id}/${v}` })))
      }
      if (json) say(JSON.stringify(all))
      else if (all.length === 0) say('Nothing is parked.')
      else for (const { follower, reason, at, version } of all) say(`${at} ${follower}: ${version}; ${reason}`)
    }),
  )

const retry = new Command('retry')
  .description('hand them on again, to those they were parked for; what still fails is parked again')
  .action(() =>
    withStore(async (store) => {
      const count = await tryParkedAgain(store)
      say(`${count} version${count === 1 ? ' is' : 's are'} handed on again.`)
    }),
  )

export const parkedCommand = new Command('parked')
  .description('list the versions that subscriptions or reminders failed at, try them again')
  .addCommand(list, { isDefault: true })
  .addCommand(retry)
