/**
 * The work of an import: every line is an update, as a client would send it, some at a time in one commit. What is refused
 * is written down with file, line and reason, and stops nothing. After each commit it is written down how many lines are
 * done; lines that were done and not written down change nothing when they are done again.
 */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { Trail } from '../audit/trail.ts'
import type { Files } from '../files/files.ts'
import { outcomeText } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Issue } from '../kernel/errors.ts'
import type { Operation, RecordOf, Written } from '../projection/operation.ts'
import type { WriteBack } from '../projection/write-back.ts'
import { commitWrites } from '../projection/write-back.ts'
import type { Store } from '../store/collections.ts'
import type { ImportCounts, ImportInput, ImportJob, RefusalDocument } from '../store/job-documents.ts'
import { addRefusals } from '../store/jobs.ts'
import type { Line } from './lines.ts'
import { linesOf } from './lines.ts'

/** What the FHIR API knows of an import. */
export interface ImportRules {
  /** What a line asks to be written; throws a GatewayError that says what is wrong with it. */
  operation(job: ImportJob, text: string, type: string | undefined): Operation
  /** through which rows are written: of the mappings in force */
  writeBack(): WriteBack
}

export interface ImportParts {
  readonly store: Store
  /** where what was sent is kept */
  readonly files: Files
  /** what may be read beside it */
  readonly imports: Files | undefined
  readonly rules: ImportRules
  readonly lineBytes: number
}

export type ImportProgress = Pick<ImportJob, 'input' | 'line' | 'counts'>

const TOGETHER = 100
const MILLISECONDS = 25_000
const MOST_TRIES = 5
const PAUSE = 50

interface Asked {
  /** from 1 */
  readonly line: number
  readonly operation: Operation
}

type Refused = readonly [line: number, error: GatewayError]

interface Done {
  readonly counts: ImportCounts
  readonly refused: readonly Refused[]
}

export async function runImport(
  parts: ImportParts,
  job: ImportJob,
  save: (progress: ImportProgress) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let { counts, line } = job
  for (const [index, input] of job.inputs.entries()) {
    if (index < job.input) continue
    for await (const batch of batchesOf(parts, input, line)) {
      signal.throwIfAborted()
      const { first, lines } = batch
      const done = await importLines(parts, job, input, first, lines)
      await addRefusals(
        parts.store,
        done.refused.map((refused) => refusalOf(job, index, input, refused)),
      )
      counts = sumOf(counts, done.counts)
      line = first + lines.length
      await save({ input: index, line, counts })
    }
    line = 0
    await save({ input: index + 1, line, counts })
  }
}

interface Batch {
  /** lines before it */
  readonly first: number
  readonly lines: readonly Line[]
}

async function* batchesOf(parts: ImportParts, input: ImportInput, done: number): AsyncGenerator<Batch> {
  let first = 0
  let lines: Line[] = []
  for await (const line of linesOf(await contentOf(parts, input), parts.lineBytes)) {
    if (first < done) {
      first++
      continue
    }
    lines.push(line)
    if (lines.length < TOGETHER) continue
    yield { first, lines }
    first += TOGETHER
    lines = []
  }
  if (lines.length > 0) yield { first, lines }
}

async function contentOf(
  { files, imports }: ImportParts,
  { place, stored, isPacked, name }: ImportInput,
): Promise<Readable> {
  const content = await (place === 'sent' ? files : imports)?.read(stored)
  if (!content) throw new GatewayError('GW_NOT_FOUND', `There is no file "${name}" to import.`)
  return isPacked ? pipeline(content, createGunzip(), () => undefined) : content
}

async function importLines(
  { rules }: ImportParts,
  job: ImportJob,
  { type }: ImportInput,
  first: number,
  lines: readonly Line[],
): Promise<Done> {
  const asked: Asked[] = []
  const refused: Refused[] = []
  for (const [index, text] of lines.entries()) {
    const line = first + index + 1
    try {
      if (typeof text !== 'string') throw text
      if (text.trim() !== '') asked.push({ line, operation: rules.operation(job, text, type) })
    } catch (error) {
      refused.push([line, refusal(error)])
    }
  }
  const written = asked.length === 0 ? none : await commitTogether(rules.writeBack(), job, asked)
  const all = [...refused, ...written.refused]
  return { counts: { ...written.counts, refused: all.length }, refused: all }
}

/** All at once where nothing stands in the way, else one after the other, as they stand. */
async function commitTogether(writeBack: WriteBack, job: ImportJob, asked: readonly Asked[]): Promise<Done> {
  const { permit, by } = job
  const operations = asked.map(({ operation }) => operation)
  try {
    return {
      counts: countsOf(
        await commitWrites(writeBack, permit, by, operations, MILLISECONDS, { recordOf: recordOf(job) }),
      ),
      refused: [],
    }
  } catch (error) {
    if (asked.length > 1) refusal(error)
  }
  let counts = none.counts
  const refused: Refused[] = []
  for (const { line, operation } of asked) {
    try {
      counts = sumOf(counts, countsOf(await commitAlone(writeBack, job, operation)))
    } catch (error) {
      refused.push([line, refusal(error)])
    }
  }
  return { counts, refused }
}

/** In the name of who asked for the import. */
function recordOf({ t, by }: ImportJob): RecordOf {
  return new Trail({ tenant: t, method: 'POST', path: ['$import'], query: [], who: { name: by } }).recordOf
}

/** Another writer may be at the same row just now. */
async function commitAlone(writeBack: WriteBack, job: ImportJob, operation: Operation): Promise<Written[]> {
  const { permit, by } = job
  for (let tries = 1; ; tries++) {
    try {
      return await commitWrites(writeBack, permit, by, [operation], MILLISECONDS, { recordOf: recordOf(job) })
    } catch (error) {
      const isConflict = error instanceof GatewayError && error.code === 'GW_CONFLICT'
      if (!isConflict || tries === MOST_TRIES) throw error
      await sleep(PAUSE)
    }
  }
}

const none: Done = { counts: { created: 0, updated: 0, unchanged: 0, refused: 0 }, refused: [] }

function countsOf(written: readonly { readonly outcome: string }[]): ImportCounts {
  const count = (outcome: string): number => written.filter((each) => each.outcome === outcome).length
  return { created: count('created'), updated: count('updated'), unchanged: count('same'), refused: 0 }
}

function sumOf(a: ImportCounts, b: ImportCounts): ImportCounts {
  return {
    created: a.created + b.created,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    refused: a.refused + b.refused,
  }
}

/** What is the line's own fault; anything else is tried again later, whole. */
function refusal(error: unknown): GatewayError {
  if (error instanceof GatewayError && error.status < 500) return error
  throw error
}

function issueOf({ issue: code, message, expression }: GatewayError): Issue {
  return { code, message, ...(expression !== undefined && { expression }) }
}

function refusalOf(
  { _id: job }: ImportJob,
  index: number,
  { name }: ImportInput,
  [line, error]: Refused,
): RefusalDocument {
  const issues = error.issues.length > 0 ? error.issues : [issueOf(error)]
  const text = outcomeText(
    ...issues.map(({ code, message, expression }) => ({
      severity: 'error' as const,
      code,
      diagnostics: `${name}, line ${line}: ${message}`,
      ...(expression !== undefined && { expression: [expression] }),
    })),
  )
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')
  return { _id: `${job}/${pad(index, 4)}/${pad(line, 10)}`, job, text }
}
