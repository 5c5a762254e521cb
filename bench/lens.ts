/**
 * How long a mapping takes to read its rows, against JSON.stringify of what they give, and how long it takes to write
 * them, against reading: `node bench/lens.ts [mapping]`.
 *
 * Rows are all of the mapping's examples under `mappings/`, as the driver gives them; all are timed in turn. A write is
 * of a mapping that takes them, and of a resource of which one element changed that the lens can store (an example where
 * it can store none is not written).
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
  /** the resource with one element changed */
  readonly changed: Resource | undefined
}

interface Figures {
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
    return resource ? [{ part, context, resource, changed: changedOf(part, context, resource) }] : []
  })
}

/** The first text of the resource that the lens can store another word in. */
function changedOf(part: Part, context: LensContext, resource: Resource): Resource | undefined {
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

/** Fastest round of each: what the work costs when nothing else gets in the way. */
function measure(reads: readonly Read[]): Figures {
  const writes = reads.filter(({ part, changed }) => changed && part.lens.writes.updates)
  let [get, stringify, put] = [Infinity, Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    get = Math.min(
      get,
      time(reads, ({ part, context }) => part.lens.get(part, context)),
    )
    stringify = Math.min(
      stringify,
      time(reads, ({ resource }) => JSON.stringify(resource)),
    )
    if (writes.length === 0) continue
    put = Math.min(
      put,
      time(writes, ({ part, changed, context }) => part.lens.put(part, changed as Resource, context)),
    )
  }
  return { get, stringify, put: writes.length > 0 ? put : undefined }
}

interface Ratios {
  readonly get: number
  readonly put: number | undefined
}

function print({ name }: Lens, { get, stringify, put }: Figures): Ratios {
  const ratios = { get: get / stringify, put: put && put / get }
  const read = `${get.toFixed(2).padStart(6)} ${stringify.toFixed(2).padStart(12)} ${ratios.get.toFixed(2).padStart(5)}`
  const written = put && ratios.put ? `${put.toFixed(2).padStart(7)} ${ratios.put.toFixed(2).padStart(7)}` : ''
  const isOver = ratios.get > LIMIT || (ratios.put ?? 0) > PUT_LIMIT
  console.log(name.padEnd(34), read, written.padEnd(15), isOver ? 'over' : '')
  return ratios
}

function summary(name: string, ratios: readonly number[]): void {
  const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] ?? NaN
  console.log(`${name}: worst ${Math.max(...ratios).toFixed(2)}, median ${middle.toFixed(2)}`)
}

for (const { file, line, message } of loaded.errors) console.error(`${file}:${String(line)}: ${message}`)
console.log('mapping'.padEnd(34), 'get µs', 'stringify µs', 'ratio', ' put µs', 'put/get')
const chosen = examples().filter(({ lens }) => lens.name.startsWith(only))
const ratios = [...Map.groupBy(chosen, ({ lens }) => lens)].flatMap(([lens, ofLens]) => {
  const reads = ofLens.flatMap(readsOf)
  return reads.length > 0 ? [print(lens, measure(reads))] : []
})
summary(
  `get / stringify (at most ${LIMIT})`,
  ratios.map(({ get }) => get),
)
summary(
  `put / get (at most ${PUT_LIMIT})`,
  ratios.flatMap(({ put }) => put ?? []),
)
