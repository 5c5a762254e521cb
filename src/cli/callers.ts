/** How the FHIR API finds who calls. */
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../access/caller.ts'
import { anybodyIn } from '../access/caller.ts'
import type { Config } from '../config/config.ts'
import { authenticator } from '../http/authentication.ts'
import type { Place } from '../http/authentication.ts'
import { fhirBase } from '../http/base.ts'
import { bearerFinder } from '../store/authorization.ts'
import type { Store } from '../store/collections.ts'

type CallerOf = (request: IncomingMessage, place: Place) => Promise<Caller>

/** `origin`: known as soon as the gateway listens. */
export function callerFinder({ auth }: Pick<Config, 'auth'>, store: Store, origin: () => string): CallerOf {
  if (auth === 'off') return (_request, { tenant }) => Promise.resolve(anybodyIn(tenant ?? 'default'))
  const authenticate = authenticator({
    find: bearerFinder(store),
    baseOf: (tenant) => fhirBase(origin(), tenant),
  })
  return (request, place) => authenticate(request, place)
}
