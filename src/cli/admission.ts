/** Whom the gateway lets in as it is configured: by name, by address, by client. */
import type { Redis } from 'ioredis'
import type { Config } from '../config/config.ts'
import { isLoopback } from '../config/values.ts'
import type { Admission } from '../http/admission.ts'
import { admission } from '../http/admission.ts'
import { clientAddressBy, countedAs, isFromProxy } from '../http/client-address.ts'
import { hostCheck } from '../http/hosts.ts'
import { rates } from '../http/rates.ts'
import { sharedCount } from '../queue/shared-count.ts'

type Configured = Pick<Config, 'host' | 'trustedProxies' | 'limits' | 'database'>

const MINUTE = 60
/** Of this machine: whoever is here can do worse than ask often. */
const HERE = new Set(['127.0.0.1', countedAs('::1')])

export function admissionFor(
  { host, trustedProxies, limits, database }: Configured,
  redis: Redis,
  { origin, port }: { readonly origin: string; readonly port: number },
): Admission & { readonly stop: () => Promise<void> } {
  const addressOf = clientAddressBy(trustedProxies)
  const counting = (kind: string, times: number) => {
    const add = sharedCount(redis, { name: `isthmus-${database}:${kind}`, seconds: MINUTE })
    return rates({ times, seconds: MINUTE, add })
  }
  const addresses = counting('address', limits.requestsPerAddress)
  const clients = counting('client', limits.requestsPerClient)
  const isOurs = hostCheck({ origin, port, isLocal: isLoopback(host), fromProxy: isFromProxy(trustedProxies) })
  const counted = (request: Parameters<typeof addressOf>[0]): string | undefined => {
    const address = addressOf(request)
    return HERE.has(address) ? undefined : address
  }
  return {
    ...admission({ isOurs, addressOf: counted, addresses, clients }),
    stop: () => {
      addresses.stop()
      clients.stop()
      return Promise.resolve()
    },
  }
}
