import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { findProgram } from '../../src/embedded/executable.ts'
import type { Means } from '../../src/embedded/executable.ts'

const WORKS = '#!/bin/sh\nexit 0\n'
const BROKEN = '#!/bin/sh\nexit 1\n'

let folder: string
let cacheHome: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-executable-'))
  cacheHome = join(folder, 'cache')
})
afterEach(() => rm(folder, { recursive: true }))

const fetches = (content: string): Means => ({
  what: 'by a test',
  fetch: async (into) => {
    await writeFile(join(into, 'thing'), content)
    return join(into, 'thing')
  },
})
const fails: Means = { what: 'in vain', fetch: () => Promise.reject(new Error('no network')) }

async function onPath(name: string, content: string): Promise<string> {
  const file = join(folder, 'bin', name)
  await mkdir(join(folder, 'bin'), { recursive: true })
  await writeFile(file, content)
  await chmod(file, 0o755)
  return file
}

function find(means: readonly Means[], told: string[] = []): Promise<string> {
  const program = { names: ['server', 'other-server'] as const, means, wayOut: 'Install a server.' }
  return findProgram(program, { path: join(folder, 'bin'), cacheHome }, (sentence) => told.push(sentence))
}

test('a program on PATH is taken, under any of its names', async () => {
  const file = await onPath('other-server', WORKS)
  expect(await find([fails])).toBe(file)
})

test('a program on PATH that does not run is passed over', async () => {
  await onPath('server', BROKEN)
  expect(await find([fetches(WORKS)])).toMatch(/cache\/isthmus\/server-/)
})

test('what was fetched is kept, and nothing else stays in the cache', async () => {
  const first = await find([fails, fetches(WORKS)])
  expect(await find([fails])).toBe(first)
  expect(await readFile(first, 'utf8')).toBe(WORKS)
  expect(await readdir(join(cacheHome, 'isthmus'))).toHaveLength(1)
})

test('several that fetch at the same time all get it', async () => {
  const found = await Promise.all([find([fetches(WORKS)]), find([fetches(WORKS)]), find([fetches(WORKS)])])
  expect(new Set(found).size).toBe(1)
})

test('when nothing works it says what was tried and what to install', async () => {
  const told: string[] = []
  await expect(find([fails, fetches(BROKEN)], told)).rejects.toThrow(/^Install a server\.$/)
  expect(told.join('\n')).toContain('no network')
  expect(await readdir(join(cacheHome, 'isthmus'))).toEqual([])
})
