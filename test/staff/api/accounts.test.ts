/** Who may sign in, what roles may do, which apps may ask: all that an administrator decides over the staff API. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addAccount } from '../../../src/smart/people/new-account.ts'
import { newClient } from '../../../src/smart/clients/new-client.ts'
import { findBearer, keep } from '../../../src/store/authorization.ts'
import { addClient } from '../../../src/store/clients.ts'
import { permissionsOf } from '../../../src/store/roles.ts'
import { bearer } from '../../support/callers.ts'
import type { Json, Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

let server: StaffServer
const ids: Record<string, string> = {}
const admin = { account: 'boss', representing: [], permissions: ['accounts:manage', 'apps:manage', '*.cruds'] }
const clerk = { ...admin, account: 'clerk', permissions: ['*.rs'] }
const helpdesk = { ...admin, account: 'help', permissions: ['accounts:manage', 'apps:manage', '*.rs'] }

const scope = 'user/*.cruds'
const tokens = {
  admin: { scope, user: admin },
  clerk: { scope, user: clerk },
  helpdesk: { scope, user: helpdesk },
  elsewhere: { scope, user: admin, tenant: 'other' },
}

beforeAll(async () => {
  server = await startStaffServer({ systems: ['hms'], mappings: 'mappings', tokens })
  for (const [name, role] of Object.entries({ one: 'admin', two: 'admin', desk: 'staff' })) {
    const { _id } = await addAccount(server.store, { tenant: 'default', email: `${name}@x.org`, roles: [role] })
    ids[name] = _id
  }
})
afterAll(() => server.stop())

function as(
  token: string,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return server.api(method, path, body, { ...bearer(token).headers, ...headers })
}

function itemsOf({ json }: Reply): readonly Json[] {
  return json['items'] as unknown as readonly Json[]
}

async function aToken(account: string): Promise<string> {
  const token = `token-of-${account}-${Math.random()}`
  const exp = Date.now() / 1000 + 600
  await keep(server.store, 'AccessToken', token, { accountId: account, clientId: 'app', exp }, 600)
  return token
}

describe('accounts', () => {
  test('are listed by e-mail address, a page at a time, and of one tenant only', async () => {
    const first = await as('admin', 'GET', '/accounts?limit=2')
    expect(itemsOf(first).map((each) => each['email'])).toEqual(['desk@x.org', 'one@x.org'])
    const rest = await as('admin', 'GET', `/accounts?limit=2&cursor=${first.json['cursor'] ?? ''}`)
    expect(rest.json['items']).toMatchObject([{ email: 'two@x.org', roles: ['admin'], disabled: false }])
    expect(rest.json['cursor']).toBeUndefined()
    expect((await as('admin', 'GET', '/accounts?email=TW')).json['items']).toHaveLength(1)
    expect((await as('elsewhere', 'GET', '/accounts')).json['items']).toEqual([])
    const foreign = await as('elsewhere', 'GET', `/accounts/${ids['one'] ?? ''}`)
    expect([foreign.status, foreign.json]).toEqual([404, (await as('elsewhere', 'GET', '/accounts/none')).json])
  })

  test('are nobody’s to manage without the permission', async () => {
    for (const path of ['/accounts', '/roles', '/apps', '/permissions']) {
      expect((await as('clerk', 'GET', path)).status).toBe(403)
    }
  })

  test('are invited by a link that is shown once, and kept nowhere', async () => {
    const wish = { email: 'new@x.org', roles: ['staff'] }
    const key = { 'Idempotency-Key': 'invite-1' }
    const made = await as('admin', 'POST', '/accounts', wish, key)
    expect([made.status, made.json['link']]).toEqual([201, expect.stringContaining('/oauth/invitation/')])
    const again = await as('admin', 'POST', '/accounts', wish, key)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
    expect(again.json).toEqual({ email: 'new@x.org', expires: made.json['expires'] })
    expect(await server.store.invitations.countDocuments({ email: 'new@x.org' })).toBe(1)
  })

  test('get no role that the giver has no right to, nor one that is not there', async () => {
    const refused = await as('helpdesk', 'POST', '/accounts', { email: 'a@x.org', roles: ['admin'] })
    expect([refused.status, refused.json['detail']]).toEqual([403, expect.stringContaining('*.cruds')])
    expect((await as('helpdesk', 'PUT', `/accounts/${ids['desk'] ?? ''}/roles`, { roles: ['admin'] })).status).toBe(403)
    const unknown = await as('admin', 'POST', '/accounts', { email: 'a@x.org', roles: ['nobody'] })
    expect([unknown.status, unknown.json['detail']]).toEqual([422, expect.stringMatching(/there are admin,/)])
    const nobody = { email: 'a@x.org', roles: ['staff'], person: 'Practitioner/hms-none' }
    expect((await as('admin', 'POST', '/accounts', nobody)).json['errors']).toMatchObject([{ field: 'body.person' }])
    const typo = await as('admin', 'POST', '/accounts', { email: 'a@x.org', roles: ['staff'], password: 'x' })
    expect([typo.status, typo.json['errors']]).toEqual([400, [{ field: 'body.password', detail: 'is not known here' }]])
  })

  test('are shut out at once, and let in again', async () => {
    const id = ids['desk'] ?? ''
    const token = await aToken(id)
    expect((await as('admin', 'POST', `/accounts/${id}/disable`)).json).toMatchObject({ disabled: true })
    expect(await findBearer(server.store, token)).toBeUndefined()
    expect((await as('admin', 'POST', `/accounts/${id}/enable`)).json).toMatchObject({ disabled: false })
    const event = await server.store.audit.findOne({ query: `disable: ${id}` })
    expect(event?.who).toMatchObject({ account: 'boss', client: 'admin' })
  })

  test('of administrators: one is always left, also when they shut each other out at one moment', async () => {
    const both = [ids['one'] ?? '', ids['two'] ?? '']
    const attempts = Array.from({ length: 16 }, (_, index) => both[index % 2] ?? '')
    const answers = await Promise.all(
      attempts.map((id, index) =>
        index % 4 < 2
          ? as('admin', 'POST', `/accounts/${id}/disable`)
          : as('helpdesk', 'PUT', `/accounts/${id}/roles`, { roles: [] }),
      ),
    )
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual([])
    expect(answers.some(({ json }) => /Nobody would be left/.test(json['detail'] ?? ''))).toBe(true)
    const left = await server.store.accounts.find({ _id: { $in: both }, disabled: false }).toArray()
    const able = await Promise.all(left.map(({ _id }) => permissionsOf(server.store, _id)))
    expect(able.filter((permissions) => permissions.includes('accounts:manage'))).toHaveLength(1)
  })
})

describe('roles', () => {
  test('are made and changed, and a change ends the tokens of who has them', async () => {
    const role = { name: 'lab', description: 'Reads results', permissions: ['Observation.rs'] }
    expect((await as('admin', 'POST', '/roles', role)).status).toBe(201)
    expect((await as('admin', 'POST', '/roles', role)).status).toBe(409)
    const id = ids['desk'] ?? ''
    expect((await as('admin', 'PUT', `/accounts/${id}/roles`, { roles: ['lab'] })).json['roles']).toEqual(['lab'])
    const token = await aToken(id)
    const wider = { description: 'Reads results', permissions: ['Observation.rs', 'DiagnosticReport.rs'] }
    expect((await as('admin', 'PUT', '/roles/lab', wider)).json).toEqual({ name: 'lab', ...wider })
    expect(await findBearer(server.store, token)).toBeUndefined()
    expect(await permissionsOf(server.store, id)).toEqual(['DiagnosticReport.rs', 'Observation.rs'])
    expect((await as('admin', 'PUT', '/roles/none', wider)).status).toBe(404)
  })

  test('take permissions that are known, and that their maker has', async () => {
    const role = (permission: string): object => ({ name: 'x', description: '', permissions: [permission] })
    expect((await as('admin', 'POST', '/roles', role('Nothing.rs'))).status).toBe(422)
    expect((await as('admin', 'POST', '/roles', role('clearance:V'))).status).toBe(403)
    expect((await as('helpdesk', 'POST', '/roles', role('Patient.u'))).status).toBe(403)
    const last = { description: '', permissions: ['*.cruds'] }
    expect((await as('admin', 'PUT', '/roles/admin', last)).json['detail']).toMatch(/Nobody would be left/)
    const known = itemsOf(await as('admin', 'GET', '/permissions'))
    expect(known.map((each) => each['permission'])).toEqual(expect.arrayContaining(['records:erase', '*.cruds']))
  })
})

describe('apps', () => {
  async function anApp(wish: string): Promise<string> {
    const terms = { tenant: 'default', introspects: false, verified: false, by: 'registration', loopback: false }
    const redirectUris = ['https://app.example.org/cb']
    const { client } = newClient(
      { name: 'App', kind: 'symmetric', redirectUris, scope: wish, native: false },
      { ...terms, state: 'pending' },
    )
    await addClient(server.store, client)
    return client._id
  }

  test('are approved, suspended and revoked, each from where that can follow', async () => {
    const id = await anApp('patient/*.rs')
    expect((await as('admin', 'GET', '/apps?state=pending')).json['items']).toMatchObject([{ id, secrets: 1 }])
    expect((await as('admin', 'POST', `/apps/${id}/suspend`)).json['detail']).toMatch(/It is pending/)
    const approved = await as('admin', 'POST', `/apps/${id}/approve`, { scope: 'patient/Observation.rs' })
    expect(approved.json).toMatchObject({ state: 'approved', scope: 'patient/Observation.rs', verified: false })
    expect((await as('admin', 'POST', `/apps/${id}/refuse`)).status).toBe(409)
    expect((await as('admin', 'POST', `/apps/${id}/suspend`)).json).toMatchObject({ state: 'suspended' })
    expect((await as('elsewhere', 'GET', `/apps/${id}`)).status).toBe(404)
    expect((await as('admin', 'DELETE', `/apps/${id}`)).status).toBe(204)
    expect((await as('admin', 'GET', `/apps/${id}`)).status).toBe(404)
  })

  test('are decided about once, however many decide', async () => {
    const id = await anApp('patient/*.rs')
    const decide = (index: number): Promise<Reply> =>
      as('admin', 'POST', `/apps/${id}/${index % 2 === 0 ? 'approve' : 'refuse'}`)
    const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => decide(index)))
    const { json } = await as('admin', 'GET', `/apps/${id}`)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect(['approved', 'suspended']).toContain(json['state'])
  })

  test('get no scope for programs beyond the permissions of who approves', async () => {
    const id = await anApp('patient/*.rs')
    const wide = { scope: 'system/*.cruds patient/*.rs' }
    expect((await as('helpdesk', 'POST', `/apps/${id}/approve`, wide)).json['detail']).toMatch(/\*\.cruds/)
    expect((await as('helpdesk', 'POST', `/apps/${id}/approve`, { scope: 'user/*.cruds' })).status).toBe(200)
  })

  test('get redirect URIs and secrets, and a secret is shown once', async () => {
    const id = await anApp('patient/*.rs')
    const bad = await as('admin', 'PUT', `/apps/${id}/redirect-uris`, { redirectUris: ['http://x.org/cb'] })
    expect([bad.status, bad.json['detail']]).toEqual([422, expect.stringMatching(/only loopback/)])
    const redirectUris = ['https://app.example.org/new']
    expect((await as('admin', 'PUT', `/apps/${id}/redirect-uris`, { redirectUris })).json).toMatchObject({
      redirectUris,
    })
    const key = { 'Idempotency-Key': 'secret-1' }
    const { secret = '', ...rest } = (await as('admin', 'POST', `/apps/${id}/secrets`, {}, key)).json
    expect(secret).toHaveLength(43)
    expect((await as('admin', 'POST', `/apps/${id}/secrets`, {}, key)).json).toEqual(rest)
    expect((await as('admin', 'GET', `/apps/${id}`)).json['secrets']).toBe(2)
  })
})
