/** `isthmus client`: the apps and services that may ask for tokens. What is changed here holds at once, everywhere. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import { ClientRefusal } from '../smart/clients/client-refusal.ts'
import { clientScopes } from '../smart/clients/client-scope.ts'
import { clientGrants, newClient } from '../smart/clients/new-client.ts'
import type { ClientWish } from '../smart/clients/new-client.ts'
import type { ClientDecision, ClientDocument } from '../store/clients.ts'
import {
  addClient,
  addSecret,
  decideClient,
  findClient,
  listClients,
  newSecret,
  removeClient,
} from '../store/clients.ts'
import type { Store } from '../store/collections.ts'
import { putOnRecord } from './on-record.ts'
import { assertTenant } from './people.ts'
import { withStore } from './with-store.ts'

interface AddOptions {
  readonly name: string
  readonly public?: boolean
  readonly jwksFile?: string
  readonly jwksUri?: string
  readonly secret?: boolean
  readonly redirectUri: readonly string[]
  readonly scope: string
  readonly launchUrl?: string
  readonly logoUri?: string
  readonly publisher?: string
  readonly tenant: string
  readonly native?: boolean
  readonly introspects?: boolean
  readonly json?: boolean
}

interface Plain {
  readonly json?: boolean
}

const BY = 'isthmus client'

const withClients = (work: (store: Store, config: Config) => Promise<void>): Promise<void> =>
  withStore(async (store, config) => {
    try {
      await work(store, config)
    } catch (error) {
      throw error instanceof ClientRefusal ? new StartError(error.message) : error
    }
  })

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const add = new Command('add')
  .description('make an app or a service known; prints its client_id')
  .requiredOption('--name <name>', 'as people will see it')
  .option('--public', 'an app that can keep no secret: in a browser, on a phone')
  .option('--jwks-file <file>', 'proves itself by a key; file with its public keys (JWKS)')
  .option('--jwks-uri <url>', 'proves itself by a key; https address of its public keys')
  .option('--secret', 'proves itself by a secret, which is printed once')
  .option('--redirect-uri <url>', 'where codes may be sent; once for each', collected, [])
  .option('--scope <scopes>', 'what it may ask for, separated by spaces', '')
  .option('--launch-url <url>', 'where the EHR starts it')
  .option('--logo-uri <url>', 'its logo')
  .option('--publisher <name>', 'who makes it')
  .option('--tenant <slug>', 'whose records it is for', 'default')
  .option('--native', 'installed on a device: its redirects to loopback may have any port')
  .option('--introspects', 'may ask what the tokens of others are worth, as resource servers do')
  .option('--json', 'print the result as JSON')
  .action((options: AddOptions) =>
    withClients(async (store, config) => {
      await assertTenant(store, config, options.tenant)
      const { client, secret } = newClient(wishOf(options), {
        ...{ tenant: options.tenant, state: 'approved', verified: true, by: BY },
        ...{ introspects: options.introspects ?? false, loopback: config.demo },
      })
      await recorded(store, client, 'add')
      await addClient(store, client)
      if (options.json) say(JSON.stringify({ ...shown(client), ...(secret !== undefined && { secret }) }))
      else say([client._id, secret].filter((line) => line !== undefined).join('\n'))
    }),
  )

function collected(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function wishOf(options: AddOptions): ClientWish {
  const { name, redirectUri: redirectUris, scope, jwksFile, jwksUri, launchUrl, logoUri, publisher } = options
  return {
    ...{ name, redirectUris, scope, kind: kindOf(options), native: options.native ?? false },
    ...(jwksFile !== undefined && { jwks: readKeys(jwksFile) }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(launchUrl !== undefined && { launchUrl }),
    ...(logoUri !== undefined && { logoUri }),
    ...(publisher !== undefined && { publisher }),
  }
}

function kindOf({ public: isPublic, secret, jwksFile, jwksUri }: AddOptions): ClientWish['kind'] {
  const said = [isPublic, secret, jwksFile !== undefined || jwksUri !== undefined].filter(Boolean).length
  if (said !== 1) throw new StartError('Say how it proves itself: one of --public, --secret, --jwks-file, --jwks-uri.')
  if (isPublic) return 'public'
  return secret ? 'symmetric' : 'asymmetric'
}

function readKeys(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new StartError(`${file} is no JSON file that can be read.`)
  }
}

const list = new Command('list')
  .description('all clients with what they may ask for')
  .option('--tenant <slug>', 'of this tenant')
  .option('--json', 'print them as JSON')
  .action(({ tenant, json }: Plain & { readonly tenant?: string }) =>
    withClients(async (store) => {
      const clients = await listClients(store, tenant)
      if (json) say(JSON.stringify(clients.map(shown)))
      else if (clients.length === 0) say('No clients.')
      else for (const client of clients) say(lineOf(client))
    }),
  )

/** Without secrets, whose hashes are nobody's business either. */
function shown({ _id, t, secrets, created, ...client }: ClientDocument): object {
  return { id: _id, tenant: t, ...client, secrets: secrets.length, created: created.toISOString() }
}

function lineOf({ _id, t, name, kind, state, scope }: ClientDocument): string {
  return `${_id}  ${state}  ${kind}  ${t}  ${name}  ${scope}`
}

interface ApproveOptions extends Plain {
  readonly scope?: string
  readonly verified?: boolean
  readonly tenant?: string
}

const approve = new Command('approve')
  .description('let a client that registered itself, or was suspended, ask for tokens')
  .argument('<id>', 'its client_id')
  .option('--scope <scopes>', 'what it may ask for, in place of what it wished')
  .option('--verified', 'its publisher is known to be who it says')
  .option('--tenant <slug>', 'whose records it is for')
  .option('--json', 'print it as JSON')
  .action((id: string, { scope, verified, tenant, json }: ApproveOptions) =>
    withClients(async (store, config) => {
      if (tenant !== undefined) await assertTenant(store, config, tenant)
      const client = (await findClient(store, id)) ?? noClient(id)
      const allowed = scope === undefined ? {} : allowing(client, clientScopes(scope))
      await decide(
        store,
        id,
        { state: 'approved', ...allowed, ...(verified && { verified }), ...(tenant !== undefined && { t: tenant }) },
        json,
      )
    }),
  )

function allowing(client: ClientDocument, scopes: readonly string[]): ClientDecision {
  return { scope: scopes.join(' '), grants: clientGrants(client, scopes) }
}

const suspend = new Command('suspend')
  .description('nothing is given to it any more')
  .argument('<id>', 'its client_id')
  .option('--json', 'print it as JSON')
  .action((id: string, { json }: Plain) => withClients((store) => decide(store, id, { state: 'suspended' }, json)))

async function decide(store: Store, id: string, decision: ClientDecision, json = false): Promise<void> {
  await recorded(store, (await findClient(store, id)) ?? noClient(id), decision.state ?? 'change')
  const client = (await decideClient(store, id, decision)) ?? noClient(id)
  say(json ? JSON.stringify(shown(client)) : lineOf(client))
}

const secret = new Command('secret')
  .description('give a client a further secret, printed once; the one before it stays good, older ones end')
  .argument('<id>', 'its client_id')
  .option('--alone', 'the one before it ends as well, as it must when others know it')
  .option('--json', 'print it as JSON')
  .action((id: string, { alone = false, json }: Plain & { readonly alone?: boolean }) =>
    withClients(async (store) => {
      const client = (await findClient(store, id)) ?? noClient(id)
      const { kind } = client
      if (kind !== 'symmetric') throw new StartError(`The client ${id} proves itself without a secret.`)
      await recorded(store, client, 'secret')
      const made = newSecret()
      await addSecret(store, id, { stored: made.stored, alone })
      say(json ? JSON.stringify({ id, secret: made.secret }) : made.secret)
    }),
  )

const revoke = new Command('revoke')
  .description('remove a client')
  .argument('<id>', 'its client_id')
  .option('--json', 'print what was done as JSON')
  .action((id: string, { json }: Plain) =>
    withClients(async (store) => {
      await recorded(store, (await findClient(store, id)) ?? noClient(id), 'revoke')
      if (!(await removeClient(store, id))) noClient(id)
      say(json ? JSON.stringify({ id, revoked: true }) : `The client ${id} is removed.`)
    }),
  )

function recorded(store: Store, { _id, t: tenant }: ClientDocument, what: string): Promise<void> {
  return putOnRecord(store, { tenant, kind: 'client', action: 'U', query: `${what}: ${_id}` })
}

function noClient(id: string): never {
  throw new StartError(`There is no client ${id}; isthmus client list shows them.`)
}

export const clientCommand = new Command('client').description(
  'apps and services that may ask for tokens: add, list, approve, suspend, change secrets, revoke',
)
for (const command of [add, list, approve, suspend, secret, revoke]) {
  clientCommand.addCommand(command.exitOverride().showSuggestionAfterError())
}
