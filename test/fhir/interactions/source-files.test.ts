/** Files that rows of sources name: over HTTP, from a web server, a folder and a bucket, by the real mappings. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import S3rver from 's3rver'
import { bucketFiles } from '../../../src/files/bucket.ts'
import { bucketStorage } from '../../../src/files/storages/bucket.ts'
import { folderStorage } from '../../../src/files/storages/folder.ts'
import { originStorage } from '../../../src/files/storages/origin.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const PDF = Buffer.from('%PDF-1.7 the report of a patient')
const asked: { path: string; headers: IncomingHttpHeaders }[] = []

/** A clinic's web server of files, and beside it one that the gateway must not ask. */
const web = createServer(({ url = '', headers }, response) => {
  asked.push({ path: url, headers })
  const { pathname } = new URL(url, 'http://files')
  if (headers.authorization !== 'Bearer of-the-clinic') return response.writeHead(401).end()
  if (pathname === '/files/moved.pdf') return response.writeHead(302, { Location: '/files/report.pdf' }).end()
  if (pathname === '/files/broken.pdf') return response.writeHead(500).end()
  if (pathname !== '/files/report.pdf') return response.writeHead(404).end()
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (start === undefined) {
    return response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': PDF.length }).end(PDF)
  }
  if (Number(start) >= PDF.length) return response.writeHead(416, { 'Content-Range': `bytes */${PDF.length}` }).end()
  const part = PDF.subarray(Number(start), end === '' ? PDF.length : Number(end) + 1)
  const range = `bytes ${start}-${Number(start) + part.length - 1}/${PDF.length}`
  return response.writeHead(206, { 'Content-Range': range, 'Content-Length': part.length }).end(part)
})

const folder = mkdtempSync(join(tmpdir(), 'isthmus-uploads-'))
const objects = mkdtempSync(join(tmpdir(), 'isthmus-objects-'))
const s3 = new S3rver({
  ...{ address: '127.0.0.1', port: 0, silent: true, directory: objects },
  configureBuckets: [{ name: 'scans', configs: [] }],
})

const RECORD = '6b1f2c3d-0007-4a00-8000-000000000001'
let server: SourceServer
let origin: string

beforeAll(async () => {
  await new Promise<void>((resolve) => void web.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  mkdirSync(join(folder, 'uploads', 'd'), { recursive: true })
  writeFileSync(join(folder, 'uploads', 'd', 'hip.png'), 'a hip')
  writeFileSync(join(folder, 'secret.txt'), 'of the machine')
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'uploads', 'd', 'link.txt'))
  const { port } = await s3.run()
  const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
  const bucket = { name: 'scans', region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, keys }
  await bucketFiles(bucket).write('d/knee.png', Readable.from([Buffer.from('a knee')]))
  server = await startSourceServer({
    mappings: 'mappings',
    systems: ['hms', 'qivr'],
    storages: {
      hms: [originStorage({ origin: `${origin}/files`, authorization: 'Bearer of-the-clinic' })],
      qivr: [folderStorage({ folder: join(folder, 'uploads'), prefix: '/uploads' }), bucketStorage(bucket)],
    },
  })
  await server.load({
    'hms.patients': [{ id: '6b1f2c3d-0001-4a00-8000-000000000001', userId: null, deletedAt: null }],
    'hms.medical_records': [record(RECORD, links())],
    'hms.doctors': [doctor(`${origin}/files/report.pdf?X-Amz-Signature=1`)],
    'qivr.tenants': [
      { id: 't-1', slug: 'north', name: 'North' },
      { id: 't-2', slug: 'south', name: 'South' },
    ],
    'qivr.documents': [
      document('d-1', '/uploads/d/hip.png'),
      document('d-2', 's3://scans/d/knee.png'),
      document('d-3', '/uploads/../secret.txt'),
      document('d-4', '/uploads/d/link.txt'),
      document('d-5', 's3://other/d/knee.png'),
      document('d-6', `file://${folder}/secret.txt`),
    ],
  })
}, 60_000)

afterAll(async () => {
  await server.stop()
  await s3.close()
  web.close()
  for (const each of [folder, objects]) rmSync(each, { recursive: true, force: true })
})

function links(): string[] {
  const other = origin.replace('127.0.0.1', 'localhost')
  return [
    `${origin}/files/report.pdf`,
    `${other}/files/report.pdf`,
    `${origin}/files/moved.pdf`,
    `${origin}/files/../private/report.pdf`,
    `${origin}/files/%2e%2e/private/report.pdf`,
    `${origin.replace('http://', 'http://files@')}/files/report.pdf`,
    `${origin}/filesystem/report.pdf`,
    `${origin}/files/absent.pdf`,
    `${origin}/files/broken.pdf`,
    'file:///etc/hostname',
    '/etc/hostname',
  ]
}

function record(id: string, attachmentUrls: readonly string[]): object {
  const patientId = '6b1f2c3d-0001-4a00-8000-000000000001'
  return { id, patientId, title: 'Report', attachmentUrls, isConfidential: false }
}

function doctor(profileImageUrl: string): object {
  return { id: '6b1f2c3d-0003-4a00-8000-000000000001', userId: null, profileImageUrl, isActive: true, deletedAt: null }
}

function document(id: string, file_path: string): object {
  const created_at = '2025-10-01T00:00:00Z'
  return { id, tenant_id: 't-1', patient_id: null, file_name: id, file_path, metadata: null, created_at }
}

function fileOf(number: number): string {
  return `/fhir/R4/Binary/hms-${RECORD}.doc.${number}`
}

test('what a resource calls Binary/… is the file of the row, fetched with the rights of the gateway', async () => {
  const { content } = (await server.read(`DocumentReference/hms-${RECORD}.doc.0`)) as unknown as {
    content: [{ attachment: { url: string } }]
  }
  const answer = await fetch(`${server.origin}/fhir/R4/${content[0].attachment.url}`)
  expect(answer.status).toBe(200)
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(PDF)
  expect(answer.headers.get('content-length')).toBe(String(PDF.length))
  expect(answer.headers.get('content-security-policy')).toMatch(/^sandbox/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
})

test('one of several files of a resource has its word behind the id', async () => {
  const answer = await fetch(`${server.origin}/fhir/R4/Binary/hms-6b1f2c3d-0003-4a00-8000-000000000001.photo`)
  expect([answer.status, await answer.text()]).toEqual([200, PDF.toString()])
  expect((await server.get('Binary/hms-6b1f2c3d-0003-4a00-8000-000000000001')).status).toBe(404)
  expect((await server.get('Binary/hms-6b1f2c3d-0003-4a00-8000-000000000001.signature')).status).toBe(404)
})

test('as JSON it is a Binary that says whose it is', async () => {
  const { status, json } = await server.get(fileOf(0), { headers: { Accept: 'application/fhir+json' } })
  expect([status, json]).toEqual([
    200,
    {
      resourceType: 'Binary',
      id: `hms-${RECORD}.doc.0`,
      contentType: 'text/html',
      securityContext: { reference: `DocumentReference/hms-${RECORD}.doc.0` },
      data: PDF.toString('base64'),
    },
  ])
})

test.each([
  ['bytes=0-3', 206, '%PDF', `bytes 0-3/${PDF.length}`],
  [`bytes=${PDF.length - 7}-`, 206, 'patient', `bytes ${PDF.length - 7}-${PDF.length - 1}/${PDF.length}`],
  ['bytes=0-3,5-6', 200, PDF.toString(), null],
  [`bytes=${PDF.length}-`, 416, undefined, `bytes */${PDF.length}`],
])('of %s it answers %i', async (range, status, text, contentRange) => {
  const answer = await fetch(server.origin + fileOf(0), { headers: { Range: range } })
  const body = await answer.text()
  expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange])
  if (text !== undefined) expect(body).toBe(text)
})

test.each([
  [1, 'another host'],
  [2, 'a redirect'],
  [3, 'a step out of the listed path'],
  [4, 'an encoded step out of it'],
  [5, 'a name in the address'],
  [6, 'a path that only begins alike'],
  [7, 'no file'],
  [9, 'a file: address'],
  [10, 'a path of the machine'],
])('link %i is answered 404 like a Binary that never was: %s', async (number) => {
  const never = await server.get('Binary/nobody-1')
  asked.length = 0
  const answer = await server.get(fileOf(number))
  expect([answer.status, answer.text]).toEqual([404, never.text])
  // Neither the other places nor what a redirect names was asked
  expect(asked.map(({ path }) => path).filter((path) => !/^\/files\/(moved|absent)\.pdf$/.test(path))).toEqual([])
})

test('a storage that fails is said to, without its address', async () => {
  const { status, text } = await server.get(fileOf(8))
  expect(status).toBe(503)
  expect(text).not.toContain(origin)
})

test('a folder and a bucket of a tenant give their files to that tenant', async () => {
  const read = async (tenant: string, id: string): Promise<[number, string]> => {
    const answer = await fetch(`${server.origin}/t/${tenant}/fhir/R4/Binary/qivr-${id}`)
    return [answer.status, await answer.text()]
  }
  expect(await read('north', 'd-1')).toEqual([200, 'a hip'])
  expect(await read('north', 'd-2')).toEqual([200, 'a knee'])
  for (const id of ['d-1', 'd-2']) expect((await read('south', id))[0]).toBe(404)
  for (const id of ['d-3', 'd-4', 'd-5', 'd-6']) expect([id, (await read('north', id))[0]]).toEqual([id, 404])
  const part = await fetch(`${server.origin}/t/north/fhir/R4/Binary/qivr-d-1`, { headers: { Range: 'bytes=-3' } })
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'hip', 'bytes 2-4/5'])
  const knee = await fetch(`${server.origin}/t/north/fhir/R4/Binary/qivr-d-2`, { headers: { Range: 'bytes=2-' } })
  expect([knee.status, await knee.text(), knee.headers.get('content-range')]).toEqual([206, 'knee', 'bytes 2-5/6'])
})

test('when the row names another file, that is what the Binary is', async () => {
  const id = '6b1f2c3d-0007-4a00-8000-000000000002'
  await server.load({ 'hms.medical_records': [record(id, [`${origin}/files/absent.pdf`])] })
  expect((await server.get(`Binary/hms-${id}.doc.0`)).status).toBe(404)
  await server
    .table('hms.medical_records')
    .updateOne({ id }, { $set: { attachmentUrls: [`${origin}/files/report.pdf`] } })
  await server.settle()
  expect((await fetch(`${server.origin}/fhir/R4/Binary/hms-${id}.doc.0`)).status).toBe(200)
})
