import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readMappingSet, writeMappingSet } from '../../src/mapping/mapping-set.ts'

const home = mkdtempSync(join(tmpdir(), 'isthmus-set-'))
let folders = 0

afterAll(() => {
  rmSync(home, { recursive: true })
})

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(home, String(folders++))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const files = { 'routing.yaml': 'r', 'hms/system.yaml': 's', 'hms/patient.yaml': 'p' }

test('is every file that says how rows are read: no examples, no demo content, no folder that is no system', () => {
  const more = { 'hms/examples/a.yaml': 'a', 'hms/demo/b.json': '[]', 'notes/c.yaml': 'c', 'hms/README.md': 'd' }
  const { files: read, hash } = readMappingSet(folderOf({ ...files, ...more }))
  expect(read.map(({ path }) => path)).toEqual(['hms/patient.yaml', 'hms/system.yaml', 'routing.yaml'])
  expect(hash).toBe(readMappingSet(folderOf(files)).hash)
})

test('has another hash when a text changes, a file comes or goes, or a name changes', () => {
  const { 'hms/patient.yaml': _, ...fewer } = files
  const sets = [
    files,
    { ...files, 'hms/patient.yaml': 'q' },
    fewer,
    { ...fewer, 'hms/person.yaml': 'p' },
    { ...files, 'qivr/system.yaml': 's' },
  ]
  expect(new Set(sets.map((set) => readMappingSet(folderOf(set)).hash)).size).toBe(sets.length)
})

test('written into another folder it is the same set, and what was damaged there is mended', () => {
  const set = readMappingSet(folderOf(files))
  const folder = join(home, 'kept')
  writeMappingSet(set, folder)
  expect(readMappingSet(folder)).toEqual(set)
  writeFileSync(join(folder, 'hms/patient.yaml'), 'half')
  writeMappingSet(set, folder)
  expect(readFileSync(join(folder, 'hms/patient.yaml'), 'utf8')).toBe('p')
})
