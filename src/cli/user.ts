/** `isthmus user`: accounts of people who sign in, and their roles. */
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { invite } from '../smart/people/invitation.ts'
import { addAccount, assertRoles } from '../smart/people/new-account.ts'
import type { NewAccount } from '../smart/people/new-account.ts'
import { hashPassword } from '../smart/people/password.ts'
import { listAccounts, setDisabled, setPassword } from '../store/accounts.ts'
import type { AccountDocument } from '../store/accounts.ts'
import { revokeTokens } from '../store/authorization.ts'
import type { Store } from '../store/collections.ts'
import { rolesOf, setRoles } from '../store/roles.ts'
import { forgetSecondFactor } from '../store/second-factors.ts'
import { putOnRecord } from './on-record.ts'
import { accountOf, assertTenant, passwordFromInput, warnOfNobody } from './people.ts'
import { publicOrigin } from './services.ts'
import { withStore } from './with-store.ts'

interface Options {
  readonly email: string
  readonly tenant: string
  readonly json?: boolean
}

interface AddOptions extends Options {
  readonly role: readonly string[]
  readonly fhirUser?: string
  readonly name?: string
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--tenant <slug>', 'tenant of the account', 'default')
    .option('--json', 'print the result as JSON')
}

const ofAccount = (name: string, description: string): Command =>
  command(name, description).requiredOption('--email <address>', 'e-mail address of the account')

const ROLE = ['--role <name>', 'role; may be given several times', collect] as const

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

const add = ofAccount('add', 'make an account; its password is the first line of standard input')
  .requiredOption(...ROLE)
  .option('--fhir-user <reference>', 'the person’s own resource, such as Practitioner/hms-1')
  .option('--name <name>', 'name that pages show')
  .action((options: AddOptions) =>
    withStore(async (store, config) => {
      const wish = await wishOf(store, config, options)
      await recorded(store, options, 'add')
      const account = await addAccount(store, { ...wish, password: passwordFromInput(wish.email) })
      const roles = wish.roles.join(', ')
      say(options, await shown(store, account), `${account.email} (${account._id}) is added as ${roles}.`)
    }),
  )

const invited = ofAccount(
  'invite',
  'print a link, good once, with which somebody chooses a password or the clinic’s login',
)
  .requiredOption(...ROLE)
  .option('--fhir-user <reference>', 'the person’s own resource, such as Patient/hms-1')
  .option('--name <name>', 'name that pages show')
  .action((options: AddOptions) =>
    withStore(async (store, config) => {
      const wish = await wishOf(store, config, options)
      const { email } = wish
      await recorded(store, options, 'invite')
      const link = publicOrigin(config) + (await invite(store, wish))
      say(options, { email, link }, `Give this link to ${email}; it is good once, for seven days:\n${link}`)
    }),
  )

/** Who is to be there; somebody whose own resource is not there yet is warned of. */
async function wishOf(
  store: Store,
  config: Config,
  { tenant, email, role: roles, fhirUser: person, name }: AddOptions,
): Promise<Omit<NewAccount, 'password'>> {
  await assertTenant(store, config, tenant)
  if (person !== undefined) await warnOfNobody(store, tenant, person)
  return { ...{ tenant, email, roles }, ...(person && { person }), ...(name && { name }) }
}

const list = command('list', 'the accounts of a tenant').action((options: Options) =>
  withStore(async (store) => {
    const accounts = await Promise.all((await listAccounts(store, options.tenant)).map((each) => shown(store, each)))
    const lines = accounts.map(({ email, roles, fhirUser, disabled, mfa }) => {
      const marks = [
        ...(fhirUser === undefined ? [] : [fhirUser]),
        ...(mfa ? ['mfa'] : []),
        ...(disabled ? ['disabled'] : []),
      ]
      return [email, roles.join(', ') || 'no role', ...marks].join(' · ')
    })
    say(options, accounts, lines.join('\n') || 'No accounts.')
  }),
)

function enabling(name: 'disable' | 'enable', description: string): Command {
  return ofAccount(name, description).action((options: Options) =>
    withStore(async (store) => {
      const account = await accountOf(store, options.tenant, options.email)
      const disabled = name === 'disable'
      await recorded(store, options, name)
      await setDisabled(store, account._id, disabled)
      await revokeTokens(store, { account: account._id })
      say(options, await shown(store, { ...account, disabled }), `${account.email} is ${name}d.`)
    }),
  )
}

const role = ofAccount('role', 'give an account these roles and no others')
  .requiredOption(...ROLE)
  .action((options: AddOptions) =>
    withStore(async (store) => {
      const { tenant, email, role: roles } = options
      const account = await accountOf(store, tenant, email)
      await assertRoles(store, tenant, roles)
      await recorded(store, options, `role ${roles.join(', ')}`)
      await setRoles(store, { account: account._id, tenant }, roles)
      await revokeTokens(store, { account: account._id })
      say(options, await shown(store, account), `${account.email} is ${roles.join(', ')}.`)
    }),
  )

const password = ofAccount('password', 'give an account the password that is the first line of standard input').action(
  (options: Options) =>
    withStore(async (store) => {
      const account = await accountOf(store, options.tenant, options.email)
      await recorded(store, options, 'password')
      await setPassword(store, account._id, await hashPassword(passwordFromInput(options.email)))
      await revokeTokens(store, { account: account._id })
      say(options, await shown(store, account), `${account.email} has a new password.`)
    }),
)

const resetMfa = ofAccount(
  'reset-mfa',
  'forget the second factor of an account, when telephone and codes are lost',
).action((options: Options) =>
  withStore(async (store) => {
    const { totp: _, ...account } = await accountOf(store, options.tenant, options.email)
    await recorded(store, options, 'reset-mfa')
    await forgetSecondFactor(store, account._id)
    await revokeTokens(store, { account: account._id })
    say(options, await shown(store, account), `${account.email} has no second factor any more.`)
  }),
)

function recorded(store: Store, { tenant, email }: Options, what: string): Promise<void> {
  return putOnRecord(store, { tenant, kind: 'user', action: 'U', query: `${what}: ${email}` })
}

interface Shown {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly tenant: string
  readonly roles: readonly string[]
  readonly fhirUser?: string
  readonly mfa: boolean
  readonly disabled: boolean
}

async function shown(store: Store, { _id: id, ...account }: AccountDocument): Promise<Shown> {
  const { email, name, t: tenant, person, totp, disabled } = account
  const roles = await rolesOf(store, id)
  const mfa = totp?.confirmed ?? false
  return { id, email, name, tenant, roles, ...(person !== undefined && { fhirUser: person }), mfa, disabled }
}

function say({ json }: Options, result: unknown, sentence: string): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${sentence}\n`)
}

export const userCommand = new Command('user')
  .description('people who sign in: their accounts and roles')
  .addCommand(add)
  .addCommand(invited)
  .addCommand(list)
  .addCommand(enabling('disable', 'let an account sign in no more'))
  .addCommand(enabling('enable', 'let it sign in again'))
  .addCommand(role)
  .addCommand(password)
  .addCommand(resetMfa)
