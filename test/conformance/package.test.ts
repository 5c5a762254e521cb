import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { readExamples } from '../../src/conformance/examples.ts'
import { packageFiles } from '../../src/conformance/package.ts'
import { tarball } from '../../src/conformance/tar.ts'
import { BASE, loaded } from '../mapping/examples.ts'
import { definitionOptions, definitions } from '../support/definitions.ts'
import { validationErrors } from '../support/validate.ts'

const systems = loaded.systems.map(({ system }) => system)
const files = packageFiles({ ...definitionOptions, examples: readExamples('mappings', systems, BASE) })

function parsed(path: string): unknown {
  return JSON.parse(files.get(path) ?? 'null')
}

test('the manifest says what FHIR package managers ask for', () => {
  expect(parsed('package/package.json')).toMatchObject({
    name: 'isthmus.fhir.r4',
    canonical: BASE,
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
  })
})

test('every definition is in it, and the index names each file', () => {
  const { files: listed } = parsed('package/.index.json') as {
    files: { filename: string; resourceType: string; url: string }[]
  }
  expect(listed).toHaveLength(definitions.length)
  for (const { filename, resourceType, url } of listed) {
    expect(parsed(`package/${filename}`)).toMatchObject({ resourceType, url })
  }
})

test('every file is a valid resource', () => {
  const resources = [...files.keys()].filter((path) => /\/[A-Z][A-Za-z]+-[^/]*\.json$/.test(path))
  const wrong = resources.flatMap((path) =>
    validationErrors(parsed(path) as Resource).map((error) => `${path} ${error}`),
  )
  expect(wrong).toEqual([])
  expect(resources.length).toBeGreaterThan(definitions.length)
})

test('another canonical base stands everywhere', () => {
  const base = 'https://clinic.example'
  const own = packageFiles({ ...definitionOptions, base, examples: readExamples('mappings', systems, base) })
  expect([...own.values()].filter((text) => text.includes(`${BASE}/sid`))).toEqual([])
})

test('the archive holds the files, and has the same bytes each time', () => {
  const archive = tarball(files)
  expect(tarball(files).equals(archive)).toBe(true)
  expect(Object.fromEntries(unpacked(gunzipSync(archive)))).toEqual(Object.fromEntries(files))
})

/** POSIX ustar: a header of 512 bytes, then the content filled up to blocks. */
function* unpacked(tar: Buffer): Iterable<[string, string]> {
  const text = (start: number, length: number): string =>
    tar.toString('latin1', start, start + length).replace(/\0.*$/s, '')
  for (let at = 0; text(at, 100) !== '';) {
    const size = Number.parseInt(text(at + 124, 12), 8)
    const folder = text(at + 345, 155)
    yield [`${folder === '' ? '' : `${folder}/`}${text(at, 100)}`, tar.toString('utf8', at + 512, at + 512 + size)]
    at += 512 + Math.ceil(size / 512) * 512
  }
}
