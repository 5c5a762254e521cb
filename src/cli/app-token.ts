/** `isthmus app-token`: one token for the second-opinion app or its admin side, for whoever holds its keys anyway. */
import { Command, Option } from 'commander'
import { StartError } from '../kernel/errors.ts'
import { isUser, sealToken } from '../staff/app/token.ts'
import type { Audience } from '../staff/app/token.ts'
import { putOnRecord } from './on-record.ts'
import { appKeys } from './second-opinions.ts'
import { withStore } from './with-store.ts'

interface AppTokenOptions {
  readonly userId: string
  readonly audience: Audience
  readonly ttl: string
}

const HOUR = 3600

export const appTokenCommand = new Command('app-token')
  .description('print one token for /app or /admin')
  .requiredOption('--user-id <id>', 'whose: an account of the app, or of its admin side')
  .addOption(
    new Option('--audience <name>', 'snr_usr for /app, snr_adm for /admin')
      .choices(['snr_usr', 'snr_adm'])
      .default('snr_usr'),
  )
  .option('--ttl <seconds>', 'how long it is good for', String(HOUR))
  .action(({ userId, audience, ttl }: AppTokenOptions) =>
    withStore(async (store, config) => {
      const seconds = /^\d{1,8}$/.test(ttl) ? Number(ttl) : 0
      if (seconds < 1) throw new StartError(`--ttl is "${ttl}"; give a number of seconds.`)
      if (!isUser(userId)) {
        throw new StartError(`--user-id is "${userId}"; an account has up to 64 letters, digits and . _ @ : + -`)
      }
      const keys = appKeys(config)
      if (!keys) throw new StartError('There is no key for app tokens: name a file of keys in ISTHMUS_APP_KEY.')
      const token = await sealToken(keys, { user: userId, audience }, seconds)
      const tenant = config.sources.find(({ system }) => system === 'sop')?.tenant ?? 'default'
      await putOnRecord(store, { tenant, kind: 'token', action: 'C', query: `audience=${audience} user=${userId}` })
      process.stdout.write(`${token}\n`)
    }),
  )
