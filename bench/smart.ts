/**
 * Apps that launch at the same moment: what the exchange of a code and a refresh take, by the clock, and what a token costs
 * on a read. `node bench/smart.ts [launches]`. The gateway is a process of its own, as production runs it.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newClient } from '../src/smart/clients/new-client.ts'
import { addAccount } from '../src/smart/people/new-account.ts'
import { newSigningKeys } from '../src/smart/signing-keys.ts'
import { addClient } from '../src/store/clients.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { authorize, PASSWORD, REDIRECT, token } from '../test/support/smart-server.ts'
import { startGateway } from './support/gateway.ts'
import { startBenchServices } from './support/services.ts'
import { quantile } from './support/statistics.ts'

const launches = Number(process.argv[2] ?? 50)
const SCOPE = 'openid fhirUser offline_access user/*.rs'

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
const store = openStore(client, 'isthmus')
await prepareSchema(store)
const account = { tenant: 'default', roles: ['practitioner'], password: PASSWORD }
await addAccount(store, { ...account, email: 'admin@clinic.example', roles: ['admin'] })
const { client: app } = newClient(
  { name: 'Bench', kind: 'public', native: false, redirectUris: [REDIRECT], scope: SCOPE },
  { tenant: 'default', state: 'approved', introspects: false, verified: true, by: 'bench', loopback: true },
)
await addClient(store, app)
const people = await Promise.all(
  Array.from({ length: launches }, (_, index) =>
    addAccount(store, { ...account, email: `person-${index}@clinic.example` }),
  ),
)

const keys = join(mkdtempSync(join(tmpdir(), 'isthmus-bench-')), 'keys.json')
writeFileSync(keys, JSON.stringify(await newSigningKeys()))
const gateway = await startGateway(services, {
  ISTHMUS_AUTH: 'smart',
  ISTHMUS_DEMO: 'false',
  ISTHMUS_SIGNING_KEYS: keys,
})
const server = { origin: gateway.url, base: `${gateway.url}/fhir/R4` }

const codes = []
for (const person of people) codes.push(await authorize(server, { client: app._id, account: person, scope: SCOPE }))
const exchanged = await timed(codes, ({ sent, pkce }) =>
  token(server, {
    ...{ grant_type: 'authorization_code', code: sent.get('code') ?? '', redirect_uri: REDIRECT },
    ...{ client_id: app._id, code_verifier: pkce.verifier },
  }),
)
const refreshed = await timed(exchanged.answers, ({ json }) =>
  token(server, { grant_type: 'refresh_token', client_id: app._id, refresh_token: String(json['refresh_token']) }),
)
for (const [name, { times, answers }] of Object.entries({ 'code exchange': exchanged, refresh: refreshed })) {
  const failed = answers.filter(({ status }) => status !== 200).length
  const [half, most] = [0.5, 0.95].map((share) => quantile(times, share).toFixed(1))
  console.log(`${name.padEnd(14)} ${launches} at once: p50 ${half} ms  p95 ${most} ms  ${failed} failed`)
}

await gateway.stop()
await client.close()
await services.stop()

async function timed<T, A>(items: readonly T[], work: (item: T) => Promise<A>) {
  const times: number[] = []
  const answers = await Promise.all(
    items.map(async (item) => {
      const start = performance.now()
      const answer = await work(item)
      times.push(performance.now() - start)
      return answer
    }),
  )
  return { times, answers }
}
