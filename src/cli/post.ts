/** The ways to people put together: the channels that are configured, how fast, and who may be reached by which address. */
import { connectRedis } from '../queue/connection.ts'
import { openContacts } from '../workers/contacts.ts'
import { personPost } from '../workers/owing/person-post.ts'
import type { Post } from '../workers/owing/post.ts'
import type { BulkOptions } from './bulk.ts'
import { openChannels, pacingOf } from './channels.ts'
import { publicOrigin } from './services.ts'

type PostOptions = Pick<BulkOptions, 'config' | 'store' | 'redisUrl'>

export async function openPost({ config, store, redisUrl }: PostOptions): Promise<Post & { close(): void }> {
  const redis = await connectRedis(redisUrl)
  const { channels, close } = openChannels(config.channels, pacingOf(config, redis))
  // Where people reach the gateway is known when it listens
  const contacts = openContacts({ store, origin: () => publicOrigin(config) })
  return {
    ...personPost({ channels, contacts }),
    close() {
      close()
      redis.disconnect()
    },
  }
}
