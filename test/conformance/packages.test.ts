import { expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { missingDependencies, readPackages } from '../../src/conformance/packages.ts'
import { tarball } from '../../src/conformance/tar.ts'
import { registryOf } from '../../src/r4/registry.ts'

const url = 'http://example.org/ValueSet/colours'

function files(version: string, manifest: object = {}): Map<string, string> {
  const valueSet = { resourceType: 'ValueSet', url, version, name: `v${version}`, status: 'active' }
  const index = { files: [{ filename: 'ValueSet-colours.json', resourceType: 'ValueSet', url, version }] }
  return new Map([
    ['package/package.json', JSON.stringify({ name: 'org.example', version, fhirVersions: ['4.0.1'], ...manifest })],
    ['package/.index.json', JSON.stringify(index)],
    ['package/ValueSet-colours.json', JSON.stringify(valueSet)],
    ['package/example/Patient-1.json', JSON.stringify({ resourceType: 'Patient' })],
  ])
}

function folderWith(archives: Record<string, Buffer | Map<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'packages-'))
  for (const [name, content] of Object.entries(archives)) {
    if (Buffer.isBuffer(content)) writeFileSync(join(folder, name), content)
    else {
      mkdirSync(join(folder, name, 'package', 'example'), { recursive: true })
      for (const [path, text] of content) writeFileSync(join(folder, name, path), text)
    }
  }
  return folder
}

test('Packages are read as archives and unpacked, several versions side by side', async () => {
  const folder = folderWith({
    'a-1.tgz': tarball(files('1.0.0')),
    'a-2': files('2.0.0'),
    'README.md': Buffer.from('hi'),
  })
  const packages = await readPackages(folder)
  expect(packages.map(({ name, version }) => `${name}#${version}`)).toEqual(['org.example#1.0.0', 'org.example#2.0.0'])
  const registry = registryOf(packages.flatMap(({ definitions }) => definitions))
  expect(registry.find('ValueSet', url)?.name).toBe('v2.0.0')
  expect(registry.find('ValueSet', `${url}|1.0.0`)?.name).toBe('v1.0.0')
})

test('A package without an index is read all the same', async () => {
  const bare = files('1.0.0')
  bare.delete('package/.index.json')
  const [first] = await readPackages(folderWith({ 'a.tgz': tarball(bare) }))
  expect(first?.definitions.map((each) => each.url)).toEqual([url])
})

test('Without a folder there are none, and a folder that is not there is named', async () => {
  expect(await readPackages(undefined)).toEqual([])
  await expect(readPackages('/nowhere/at/all')).rejects.toThrow('ISTHMUS_PACKAGES names /nowhere/at/all')
})

test('What cannot be read is named in one sentence', async () => {
  const sentenceOf = (name: string, content: Buffer): Promise<unknown> =>
    readPackages(folderWith({ [name]: content })).catch((error: unknown) => (error as Error).message)
  expect(await sentenceOf('broken.tgz', Buffer.from('nothing'))).toMatch(/broken\.tgz cannot be read, it is no archive/)
  expect(await sentenceOf('r5.tgz', tarball(files('1.0.0', { fhirVersions: ['5.0.0'] })))).toMatch(/for FHIR 5\.0\.0/)
  const half = files('1.0.0').set('package/.index.json', '{')
  expect(await sentenceOf('half.tgz', tarball(half))).toMatch(
    /half\.tgz cannot be read, \.index\.json in it is not JSON/,
  )
  const whole = tarball(files('1.0.0'))
  expect(await sentenceOf('cut.tgz', whole.subarray(0, whole.length - 20))).toMatch(
    /cut\.tgz cannot be read, it is no arc/,
  )
  expect(await sentenceOf('empty.tgz', tarball(new Map()))).toMatch(/it has no package\/package\.json/)
})

test('What a package needs and nobody has loaded is said; R4 itself is there', async () => {
  const dependencies = { 'hl7.fhir.r4.core': '4.0.1', 'org.other': '1.2.3' }
  const packages = await readPackages(folderWith({ 'a.tgz': tarball(files('1.0.0', { dependencies })) }))
  expect(missingDependencies(packages)).toEqual([expect.stringMatching(/org\.example#1\.0\.0 .*: org\.other#1\.2\.3$/)])
})

test('A package that unpacks to more than anybody publishes is refused before it fills the memory', async () => {
  const header = Buffer.from(gunzipSync(tarball(new Map([['package/big.json', 'x'.repeat(100)]]))).subarray(0, 512))
  header.write(`${(2 ** 30).toString(8).padStart(11, '0')}\0`, 124)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const zeros = Buffer.alloc(64 * 1_048_576)
  const parts = [gzipSync(header), ...Array<Buffer>(10).fill(gzipSync(zeros))]
  const folder = folderWith({ 'bomb.tgz': Buffer.concat(parts) })
  await expect(readPackages(folder)).rejects.toThrow(/bomb\.tgz cannot be read, it unpacks to more than 512 MB/)
})

test('What leads out of a package, or is no file, is passed over', async () => {
  const outside = files('1.0.0').set('package/../../outside.json', '{').set('package/example/broken.json', '{')
  const [found] = await readPackages(folderWith({ 'outside.tgz': tarball(outside) }))
  expect(found?.name).toBe('org.example')
})
