/** Both places of files keep the same promises: a folder, and an S3-compatible store (s3rver, over HTTP). */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import S3rver from 's3rver'
import { bucketFiles } from '../../src/files/bucket.ts'
import type { Files } from '../../src/files/files.ts'
import { removeFolder } from '../../src/files/files.ts'
import { folderFiles } from '../../src/files/folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-files-'))
const objects = mkdtempSync(join(tmpdir(), 'isthmus-objects-'))
const store = new S3rver({
  ...{ address: '127.0.0.1', port: 0, silent: true, directory: objects },
  configureBuckets: [{ name: 'exports', configs: [] }],
})
const places: Record<string, Files> = {}

beforeAll(async () => {
  const { port } = await store.run()
  const endpoint = `http://127.0.0.1:${port}`
  const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
  places['a folder'] = folderFiles(folder)
  places['a bucket'] = bucketFiles({ name: 'exports', region: 'us-east-1', endpoint, keys })
})

afterAll(async () => {
  await store.close()
  for (const each of [folder, objects]) rmSync(each, { recursive: true, force: true })
})

describe.each(['a folder', 'a bucket'])('%s', (name) => {
  const files = (): Files => places[name] as Files

  test('gives back what was written, large or empty, and replaces what was there', async () => {
    const large = Buffer.alloc(11 * 1024 * 1024, 'isthmus')
    for (const content of [Buffer.from('first'), large, Buffer.from('last')]) {
      await files().write('job/a.ndjson.gz', Readable.from([content]))
      const read = await files().read('job/a.ndjson.gz')
      expect((await buffer(read as Readable)).equals(content)).toBe(true)
    }
  })

  test('what breaks on its way is not there', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await -- what is read in pieces
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('half')
      throw new Error('broken')
    }
    await expect(files().write('job/broken', Readable.from(broken()))).rejects.toThrow('broken')
    expect(await files().read('job/broken')).toBeUndefined()
    expect(await files().list('job')).not.toContain('job/broken')
  })

  test('what is removed is gone, a folder with all that is in it', async () => {
    await files().write('other/x', Readable.from([Buffer.from('x')]))
    await files().write('other/y', Readable.from([Buffer.from('y')]))
    expect((await files().list('other')).sort()).toEqual(['other/x', 'other/y'])
    await files().remove('other/x')
    await files().remove('other/x')
    expect(await files().list('other')).toEqual(['other/y'])
    await removeFolder(files(), 'other')
    expect(await files().list('other')).toEqual([])
    expect(await files().read('other/y')).toBeUndefined()
  })

  test('what was never there is not there', async () => {
    expect(await files().read('nowhere/nothing')).toBeUndefined()
    expect(await files().list('nowhere')).toEqual([])
  })

  test.each(['../x', '/etc/passwd', 'a/../../x', 'a//b', '.hidden', 'a/.', ''])('the name %j is none', async (bad) => {
    await expect(files().read(bad)).rejects.toThrow('name of a file')
    await expect(files().write(bad, Readable.from([]))).rejects.toThrow('name of a file')
  })
})

test('a folder is left by its last file', async () => {
  const files = folderFiles(folder)
  await files.write('short/one', Readable.from([Buffer.from('1')]))
  await removeFolder(files, 'short')
  expect(readdirSync(folder)).not.toContain('short')
})

test('what a killed program left half written in a folder is removed, and what is whole is not', async () => {
  const files = folderFiles(folder)
  await files.write('killed/whole', Readable.from([Buffer.from('whole')]))
  for (const name of ['killed', 'nothing-else']) {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, '.unfinished-1'), 'half')
  }
  await files.removeUnfinished('killed')
  expect(readdirSync(join(folder, 'killed'))).toEqual(['whole'])
  await removeFolder(files, 'nothing-else')
  expect(readdirSync(folder)).not.toContain('nothing-else')
  await files.removeUnfinished('nowhere')
})
