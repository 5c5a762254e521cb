/**
 * How long a mapping takes to read its rows, against JSON.stringify of what they give, and how long it takes to write
 * them, against reading: `node bench/lens.ts [mapping]`.
 *
 * Rows are all of the mapping's examples under `mappings/`, as the driver gives them; first all are read, then written. A
 * write is of a mapping that takes them, and of a resource of which one element changed that the lens can store (an
 * example where it can store none is not written).
 */
import type { Resource } from '@medplum/fhirtypes'
import { BSON } from 'mongodb'
import type { Lens, LensContext, Part } from '../src/mapping/lens.ts'
import { NotStorableError } from '../src/mapping/errors.ts'
import { isRawJSON } from '../src/mapping/exact.ts'
import { loaded, contextOf, examples, partsOf } from '../test/mapping/examples.ts'
import type { Example } from '../test/mapping/examples.ts'

const ROUNDS = 300
/** resources a round: about a millisecond, so that on a busy machine some rounds run undisturbed */
const TIMES = 250
const LIMIT = 1.5
const PUT_LIMIT = 4

interface Read {
  readonly part: Part
  readonly context: LensContext
  readonly resource: Resource
}

interface Figures {
  readonly lens: Lens
  readonly get: number
  readonly stringify: number
  /** undefined where nothing is written */
  readonly put: number | undefined
}

const [, , only = ''] = process.argv

/** The driver gives plain numbers where an example names the BSON type (`promoteValues`). */
function asRead(example: Example): Example {
  const collections = BSON.deserialize(BSON.serialize(example.collections)) as Example['collections']
  return { ...example, collections }
}

function readsOf(example: Example): Read[] {
  // Warnings are counted elsewhere: keeping the words of each round would be what is measured.
  const context = { ...contextOf(example), warn: () => undefined }
  return partsOf(asRead(example)).flatMap((part) => {
    const resource = part.lens.get(part, context)
    return resource ? [{ part, context, resource }] : []
  })
}

/** The first text of the resource that the lens can store another word in. */
function changedOf({ part, context, resource }: Read): Resource | undefined {
  const { resourceType, id, meta, ...elements } = resource
  for (const changed of withOneChange(elements)) {
    const sent = { resourceType, id, meta, ...(changed as object) } as Resource
    try {
      if (part.lens.put(part, sent, context) !== part.rows) return sent
    } catch (error) {
      if (!(error instanceof NotStorableError)) throw error
    }
  }
  return undefined
}

/** The value with one of its texts changed, for each of its texts. */
function* withOneChange(value: unknown): Generator {
  if (typeof value === 'string') yield `${value} x`
  if (typeof value !== 'object' || value === null || isRawJSON(value)) return
  for (const [name, member] of Object.entries(value)) {
    for (const changed of withOneChange(member)) {
      yield Array.isArray(value) ? value.with(Number(name), changed) : { ...value, [name]: changed }
    }
  }
}

/** Microseconds a resource. */
function time<T>(items: readonly T[], work: (item: T) => unknown): number {
  const times = Math.ceil(TIMES / items.length)
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) for (const item of items) work(item)
  return Number(process.hrtime.bigint() - start) / times / items.length / 1000
}

/** Fastest of many rounds of each work: what it costs when nothing else gets in the way. */
function fastest(...works: readonly (() => number)[]): number[] {
  const best = works.map(() => Infinity)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, work] of works.entries()) best[index] = Math.min(best[index] as number, work())
  }
  return best
}

function measureGet(reads: readonly Read[]): { readonly get: number; readonly stringify: number } {
  const [get = NaN, stringify = NaN] = fastest(
    () => time(reads, ({ part, context }) => part.lens.get(part, context)),
    () => time(reads, ({ resource }) => JSON.stringify(resource)),
  )
  return { get, stringify }
}

/** Undefined where nothing is written. */
function measurePut(reads: readonly Read[]): number | undefined {
  const writes = reads.flatMap((read) => {
    const changed = read.part.lens.writes.updates ? changedOf(read) : undefined
    return changed ? [{ ...read, changed }] : []
  })
  if (writes.length === 0) return undefined
  return fastest(() => time(writes, ({ part, changed, context }) => part.lens.put(part, changed, context)))[0]
}

function print({ lens, get, stringify, put }: Figures): void {
  const read = `${get.toFixed(2).padStart(6)} ${stringify.toFixed(2).padStart(12)} ${(get / stringify).toFixed(2).padStart(5)}`
  const written = put === undefined ? '' : `${put.toFixed(2).padStart(7)} ${(put / get).toFixed(2).padStart(7)}`
  const isOver = get / stringify > LIMIT || (put ?? 0) / get > PUT_LIMIT
  console.log(lens.name.padEnd(34), read, written.padEnd(15), isOver ? 'over' : '')
}

function summary(name: string, ratios: readonly number[]): void {
  const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] ?? NaN
  console.log(`${name}: worst ${Math.max(...ratios).toFixed(2)}, median ${middle.toFixed(2)}`)
}

for (const { file, line, message } of loaded.errors) console.error(`${file}:${String(line)}: ${message}`)
const chosen = examples().filter(({ lens }) => lens.name.startsWith(only))
const cases = [...Map.groupBy(chosen, ({ lens }) => lens)]
  .map(([lens, ofLens]) => ({ lens, reads: ofLens.flatMap(readsOf) }))
  .filter(({ reads }) => reads.length > 0)
const read = cases.map(({ lens, reads }) => ({ lens, reads, ...measureGet(reads) }))
const figures = read.map(({ reads, ...each }): Figures => ({ ...each, put: measurePut(reads) }))
console.log('mapping'.padEnd(34), 'get µs', 'stringify µs', 'ratio', ' put µs', 'put/get')
for (const each of figures) print(each)
summary(
  `get / stringify (at most ${LIMIT})`,
  figures.map(({ get, stringify }) => get / stringify),
)
summary(
  `put / get (at most ${PUT_LIMIT})`,
  figures.flatMap(({ get, put }) => (put === undefined ? [] : put / get)),
)
