/** docs/add-your-system.md, followed word by word: what it has the reader write is the system of test/mappings. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from '@jest/globals'
import { run } from './gateway.ts'
import type { Running } from './gateway.ts'
import { stepsOf } from './guide.ts'
import type { Step } from './guide.ts'

const root = resolve(import.meta.dirname, '../..')
const steps = stepsOf(join(root, 'docs/add-your-system.md'))

/** Where the reader stands: an empty folder, the variables exported so far, the gateway that runs. */
const reader = {
  folder: mkdtempSync(join(tmpdir(), 'isthmus-guide-')),
  variables: { PORT: '0', LOG_LEVEL: 'error' } as Record<string, string>,
  gateway: undefined as Running | undefined,
  origin: '',
}

afterAll(async () => {
  await stopGateway()
  await rm(reader.folder, { recursive: true, force: true })
})

test('every file and every command of the guide does what the guide says', async () => {
  for (const step of steps) await follow(step)
}, 300_000)

test('the files the guide makes are those of test/mappings, letter by letter', () => {
  // Other tests have systems of their own beside it
  const kept = Object.entries(filesIn(join(root, 'test/mappings'))).filter(([name]) => !/^(ward|branch)\//.test(name))
  expect(filesIn(join(reader.folder, 'my-mappings'))).toEqual(Object.fromEntries(kept))
})

async function follow(step: Step): Promise<void> {
  if (step.kind === 'file') {
    const path = join(reader.folder, step.path)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, step.text)
  } else if (step.kind === 'shell') await shell(step.line)
  else await compare(step.command, step.output)
}

async function shell(line: string): Promise<void> {
  const [, name, value = ''] = /^export (\w+)=(.*)$/.exec(line) ?? []
  if (name !== undefined) reader.variables[name] = value
  else if (line === 'npm start') await startGateway()
  else if (line.startsWith('npm test ')) npm(line)
  else throw new Error(`the guide has a line that this test does not know: ${line}`)
}

/** A stop is a Ctrl-C: it ends cleanly. */
async function startGateway(): Promise<void> {
  await stopGateway()
  reader.gateway = run('main.ts', [], reader.variables, reader.folder)
  reader.origin = (await reader.gateway.line(/^isthmus ready (\S+)$/m))[1] ?? ''
}

async function stopGateway(): Promise<void> {
  reader.gateway?.child.kill('SIGINT')
  const ended = await reader.gateway?.ended
  reader.gateway = undefined
  if (ended) expect(ended.code).toBe(0)
}

function npm(line: string): void {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const ISTHMUS_MAPPINGS = join(reader.folder, reader.variables['ISTHMUS_MAPPINGS'] ?? '')
  execFileSync('npm', line.split(' ').slice(1), {
    cwd: root,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ISTHMUS_MAPPINGS },
    stdio: 'pipe',
  })
}

/** What a row became shows a moment later: a command that only looks is run again until it prints that, ten seconds. */
async function compare(command: string, output: string): Promise<void> {
  const wanted = comparable(output)
  const until = Date.now() + (command.includes(' -X ') ? 0 : 10_000)
  let printed = comparable(await print(command))
  while (printed !== wanted && Date.now() < until) {
    await sleep(200)
    printed = comparable(await print(command))
  }
  expect(`$ ${command}\n${printed}`).toBe(`$ ${command}\n${wanted}`)
}

async function print(command: string): Promise<string> {
  const [program, ...args] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
  if (program === 'curl') return curl(args)
  if (program !== 'npx' || args[0] !== 'isthmus') throw new Error(`a command this test does not know: ${command}`)
  const { out, err } = await run('cli/isthmus.ts', args.slice(1), reader.variables, reader.folder).ended
  return out || err
}

/** Prints the body, or with -w the status alone. */
async function curl(args: readonly string[]): Promise<string> {
  const valueOf = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
  const [name = 'accept', value = '*/*'] = valueOf('-H')?.split(': ') ?? []
  const body = valueOf('-d')
  const url = (args.at(-1) ?? '').replace('http://127.0.0.1:8080', reader.origin)
  const response = await fetch(url, {
    method: valueOf('-X') ?? 'GET',
    headers: { [name]: value },
    ...(body && { body }),
  })
  const text = await response.text()
  return valueOf('-w') === undefined ? text : String(response.status)
}

/** Without the moment of the gateway's commit, which is another one each time. */
function comparable(text: string): string {
  return text.replaceAll(/"lastUpdated": "[^"]+"/g, '"lastUpdated": "…"').trim()
}

/** Path → text. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  const files = names.filter((name) => statSync(name).isFile()).sort()
  return Object.fromEntries(files.map((name) => [relative(folder, name), readFileSync(name, 'utf8')]))
}
