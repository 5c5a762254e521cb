/** What an operator takes out or hands on by a command is on record before it is printed, and the secret itself is not. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Command } from 'commander'
import { appTokenCommand } from '../../src/cli/app-token.ts'
import { exportCommand } from '../../src/cli/export.ts'
import { tokenCommand } from '../../src/cli/token.ts'
import { newAppKeys } from '../../src/staff/app/keys.ts'
import type { AuditDocument } from '../../src/store/audit-documents.ts'
import { openStore } from '../../src/store/collections.ts'
import type { Store } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { mongodbUri } from '../support/services.ts'
import { ownVariables } from './gateway.ts'

const variables = ownVariables()
const folder = variables['ISTHMUS_DATA_DIR'] ?? ''
const before = { ...process.env }
let store: Store

beforeAll(async () => {
  store = openStore(await connect(mongodbUri()), variables['ISTHMUS_DATABASE'] ?? '')
  const keys = join(folder, 'app-keys.json')
  writeFileSync(keys, JSON.stringify(newAppKeys()))
  Object.assign(process.env, variables, { ISTHMUS_APP_KEY: keys, PUBLIC_URL: 'http://127.0.0.1:8080' })
})

afterAll(async () => {
  process.env = before
  await store.db.dropDatabase()
  await store.client.close()
  rmSync(folder, { recursive: true })
})

/** In this process; what it printed. */
async function printed(command: Command, ...args: readonly string[]): Promise<string> {
  const lines: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (line: unknown) => lines.push(String(line)) > 0
  try {
    await command.parseAsync(args, { from: 'user' })
  } finally {
    process.stdout.write = write
  }
  return lines.join('').trim()
}

async function recorded(kind: string): Promise<AuditDocument[]> {
  return store.audit.find({ kind }).sort({ _id: 1 }).toArray()
}

test('tokens: for whom, of whose record and with which scopes', async () => {
  const token = await printed(tokenCommand, '--scope', 'patient/*.rs', '--patient', 'p1', '--ttl', '60')
  const appToken = await printed(appTokenCommand, '--user-id', 'u1')
  const events = await recorded('token')
  expect(events).toMatchObject([
    { t: 'default', action: 'C', query: 'scope=patient/*.rs', what: [{ p: ['p1'], n: ['Patient/p1'] }] },
    { t: 'default', action: 'C', query: 'audience=snr_usr user=u1' },
  ])
  for (const { who } of events) expect(who.name).toMatch(/^isthmus token by ./)
  expect([token.length, appToken.length > 40]).toEqual([43, true])
  for (const each of [token, appToken]) expect(JSON.stringify(events)).not.toContain(each)
})

test('exports: of everybody, and so in the report of each', async () => {
  await printed(exportCommand, '--type', 'Patient', '--out', join(folder, 'exported'))
  expect(await recorded('export')).toMatchObject([
    { t: 'default', action: 'R', query: 'types=Patient', what: [{ p: ['*'], n: [] }] },
  ])
})
