import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SpoolOptions } from '../../src/audit/spool.ts'
import { Spool } from '../../src/audit/spool.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { isOwnerDead, ownerName } from '../../src/store/owner.ts'
import type { AuditDocument } from '../../src/store/audit-documents.ts'
import { startAuditServer } from '../support/audit-server.ts'
import { sampleEvent } from './sample-event.ts'

let folder = ''
let added: AuditDocument[] = []
let spools: Spool[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isthmus-spool-'))
  ;[added, spools] = [[], []]
})
afterEach(async () => {
  for (const spool of spools) await spool.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(options: Partial<SpoolOptions> = {}): Spool {
  const spool = new Spool({
    ...{ folder, owner: ownerName(), isDead: isOwnerDead, mostBytes: 1e6, log: createLogger('silent') },
    add: (events) => Promise.resolve(void added.push(...events)),
    ...options,
  })
  spools.push(spool)
  return spool
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20)
}

const away = (): Promise<void> => Promise.reject(new Error('away'))

test('what was put there survives kill -9 and is added by the next start', async () => {
  const program = new URL('spool-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, folder], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const [file = ''] = readdirSync(folder)
  expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  appendFileSync(join(folder, file), '{"_id":"default/unfin')
  open()
  await until(() => added.length >= 3)
  expect(added).toEqual([sampleEvent('1'), sampleEvent('2'), sampleEvent('3')])
  await until(() => readdirSync(folder).length === 0)
}, 30_000)

test('segments of a program that may be alive are left alone', async () => {
  const other = open({ owner: 'elsewhere 1 x', add: away })
  await other.put([sampleEvent('1')])
  await open().put([sampleEvent('2')])
  await until(() => added.length > 0)
  expect(added.map(({ request }) => request)).toEqual(['2'])
})

test('while the database is away events wait, up to a limit; then nothing is taken, and again when it is back', async () => {
  let isAway = true
  const spool = open({
    mostBytes: 1_000,
    add: (events) => (isAway ? away() : Promise.resolve(void added.push(...events))),
  })
  let taken = 0
  await expect(
    (async () => {
      for (; taken < 100; taken++) await spool.put([sampleEvent(String(taken))])
    })(),
  ).rejects.toMatchObject({ code: 'GW_UNAVAILABLE' })
  expect(taken).toBeGreaterThan(2)
  expect(spool.isOpen()).toBe(false)
  isAway = false
  await until(() => spool.isOpen() && added.length >= taken)
  expect(new Set(added.map(({ request }) => request)).size).toBe(taken)
  await spool.put([sampleEvent('more')])
})

test('a read that cannot be put on record is 503 and gives nothing out, until it can be', async () => {
  const server = await startAuditServer()
  try {
    await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Hidden' }] })
    rmSync(server.folder, { recursive: true })
    const { status, text } = await server.get('Patient/p1')
    expect([status, text.includes('Hidden')]).toEqual([503, false])
    expect(server.spool.isOpen()).toBe(false)
    mkdirSync(server.folder)
    await until(() => server.spool.isOpen())
    expect((await server.get('Patient/p1')).status).toBe(200)
  } finally {
    await server.stop()
  }
})
