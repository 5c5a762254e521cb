/**
 * `npm run holes`: plants one hole after another in a copy of this checkout, and requires that the attack matrix or the
 * tests of holes fail each time. `npm run holes -- chains` plants those whose names hold that word. Not part of npm test.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { holes } from './holes.ts'
import type { Planted } from './holes.ts'

interface Outcome {
  readonly failed: readonly string[]
  /** tests that could not run at all show nothing */
  readonly broken: boolean
}

interface Report {
  readonly numRuntimeErrorTestSuites: number
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

const root = resolve(import.meta.dirname, '../../../..')
const word = process.argv[2] ?? ''

function copyCheckout(): void {
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    cpSync(join(root, file), join(copy, file), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
}

/** A hole whose place was rewritten would be planted nowhere. */
function assertStanding(): void {
  for (const { name, edits } of holes) {
    for (const { file, from } of edits) {
      if (readFileSync(join(root, file), 'utf8').split(from).length === 2) continue
      throw new Error(`${name}: ${file} has not exactly one "${from}": say in planted/holes.ts where it is now.`)
    }
  }
}

/** Gives what takes it out again. */
function plant({ edits }: Planted): () => void {
  const restores = edits.map(({ file, from, to }) => {
    const place = join(copy, file)
    const text = readFileSync(place, 'utf8')
    writeFileSync(
      place,
      text.replace(from, () => to),
    )
    return () => writeFileSync(place, text)
  })
  return () => restores.forEach((restore) => restore())
}

function run(cases: string): Outcome {
  const out = join(copy, 'outcome.json')
  const files = ['matrix.test.ts', 'holes'].map((name) => `test/fhir/access/${name}`)
  spawnSync('node_modules/.bin/jest', [...files, '--forceExit', '--json', '--outputFile', out], {
    cwd: copy,
    stdio: 'ignore',
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      ISTHMUS_MATRIX: cases,
    },
  })
  const { numRuntimeErrorTestSuites, testResults } = JSON.parse(readFileSync(out, 'utf8')) as Report
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ title, status }) => (status === 'failed' ? [title] : [])),
  )
  return { failed, broken: numRuntimeErrorTestSuites > 0 }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function isCaught(hole: Planted): boolean {
  const remove = plant(hole)
  const { failed, broken } = run(hole.cases)
  remove()
  const caught = failed.length > 0 && !broken
  say(`${caught ? 'caught' : broken ? 'BROKEN' : 'MISSED'}  ${hole.name}`)
  for (const title of failed) say(`          ${title}`)
  return caught
}

assertStanding()
const copy = mkdtempSync(join(tmpdir(), 'isthmus-holes-'))
copyCheckout()
const wanted = holes.filter(({ name }) => name.includes(word))
const missed = wanted.filter((hole) => !isCaught(hole))
rmSync(copy, { recursive: true, force: true })
say(`${wanted.length - missed.length} of ${wanted.length} planted holes were caught`)
process.exitCode = missed.length > 0 ? 1 : 0
