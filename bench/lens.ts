/**
 * How long a mapping takes to read its rows, against JSON.stringify of what they give, and how long it takes to write
 * them, against reading: `node bench/lens.ts [mapping]`.
 *
 * Rows are all of the mapping's examples under `mappings/`, as the driver gives them. A write is of a mapping that takes
 * them, and of a resource of which one element changed that the lens can store (an example where it can store none is not
 * written). All mappings take turns, so that no code is made for one of them alone, and the fastest of many short rounds
 * counts: what it costs when nothing else gets in the way.
 */
import type { Resource } from '@medplum/fhirtypes'
import { BSON } from 'mongodb'
import type { Lens, LensContext, Part } from '../src/mapping/lens.ts'
import { NotStorableError } from '../src/mapping/errors.ts'
import { isRawJSON } from '../src/mapping/exact.ts'
import { parseJson } from '../src/r4/json.ts'
import { loaded, contextOf, examples, partsOf } from '../test/mapping/examples.ts'
import type { Example } from '../test/mapping/examples.ts'

/** rounds a turn: the first of them fills the processor's caches */
const ROUNDS = 5
/** nanoseconds: short, so that on a busy machine some rounds run undisturbed */
const ROUND = 500_000n
/** resources between two looks at the clock */
const PASS = 25
const LIMIT = 1.5
const PUT_LIMIT = 4

interface Read {
  readonly part: Part
  readonly context: LensContext
  readonly resource: Resource
}

interface Case {
  readonly lens: Lens
  readonly reads: readonly Read[]
  readonly writes: readonly (Read & { readonly changed: Resource })[]
}

/** Microseconds a resource. */
interface Figures {
  readonly get: number
  readonly stringify: number
  /** undefined where nothing is written */
  readonly put: number | undefined
}

const [, , only = ''] = process.argv

/** So many that V8 has compiled all of it, as in a process that reads rows all day: after 25 it had, or had not. */
const TURNS = only === '' ? 100 : 500

/**
 * The driver gives plain numbers where an example names the BSON type (`promoteValues`), and texts of their own: those of
 * an example are parts of its file's text, which V8 takes long to compare.
 */
function asRead(example: Example): Example {
  const { collections, exist } = BSON.deserialize(
    BSON.serialize({ collections: example.collections, exist: [...example.exist] }),
  ) as { collections: Example['collections']; exist: string[] }
  return { ...example, collections, exist: new Set(exist) }
}

function readsOf(written: Example): Read[] {
  const example = asRead(written)
  // Warnings are counted elsewhere: keeping the words of each round would be what is measured.
  const context = { ...contextOf(example), warn: () => undefined }
  return partsOf(example).flatMap((part) => {
    const resource = part.lens.get(part, context)
    return resource ? [{ part, context, resource }] : []
  })
}

/** The first text of the resource that the lens can store another word in. */
function changedOf({ part, context, resource }: Read): Resource | undefined {
  const { resourceType, id, meta, ...elements } = resource
  for (const changed of withOneChange(elements)) {
    // As it comes over the wire: no object of it is one of the lens's own
    const sent = parseJson(JSON.stringify({ resourceType, id, meta, ...(changed as object) })) as unknown as Resource
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

function caseOf(lens: Lens, ofLens: readonly Example[]): Case {
  const reads = ofLens.flatMap(readsOf)
  const writes = reads.flatMap((read) => {
    const changed = lens.writes.updates ? changedOf(read) : undefined
    return changed ? [{ ...read, changed }] : []
  })
  return { lens, reads, writes }
}

/** Microseconds a resource. */
function time<T>(items: readonly T[], work: (item: T) => unknown): number {
  const times = Math.ceil(PASS / items.length)
  const start = process.hrtime.bigint()
  for (let done = times * items.length; ; done += times * items.length) {
    for (let i = 0; i < times; i++) for (const item of items) work(item)
    const spent = process.hrtime.bigint() - start
    if (spent > ROUND) return Number(spent) / done / 1000
  }
}

function roundOf({ reads, writes }: Case): Figures {
  return {
    get: time(reads, ({ part, context }) => part.lens.get(part, context)),
    stringify: time(reads, ({ resource }) => JSON.stringify(resource)),
    put:
      writes.length > 0
        ? time(writes, ({ part, changed, context }) => part.lens.put(part, changed, context))
        : undefined,
  }
}

/** The fastest round of each. */
function measure(cases: readonly Case[]): Map<Lens, Figures> {
  const best = new Map<Lens, Figures>()
  for (let turn = 0; turn < TURNS; turn++) {
    for (const each of cases) {
      for (let round = 0; round < ROUNDS; round++) best.set(each.lens, faster(roundOf(each), best.get(each.lens)))
    }
  }
  return best
}

function faster(one: Figures, other: Figures = one): Figures {
  return {
    get: Math.min(one.get, other.get),
    stringify: Math.min(one.stringify, other.stringify),
    put: one.put && other.put && Math.min(one.put, other.put),
  }
}

function print({ name }: Lens, { get, stringify, put }: Figures): void {
  const read = `${get.toFixed(2).padStart(6)} ${stringify.toFixed(2).padStart(12)} ${(get / stringify).toFixed(2).padStart(5)}`
  const written = put === undefined ? '' : `${put.toFixed(2).padStart(7)} ${(put / get).toFixed(2).padStart(7)}`
  const isOver = get / stringify > LIMIT || (put ?? 0) / get > PUT_LIMIT
  console.log(name.padEnd(34), read, written.padEnd(15), isOver ? 'over' : '')
}

function summary(name: string, limit: number, ratios: readonly number[]): void {
  const under = ratios.filter((ratio) => ratio <= limit).length
  const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] ?? NaN
  const figures = `worst ${Math.max(...ratios).toFixed(2)}, median ${middle.toFixed(2)}`
  console.log(`${name}: at most ${limit} in ${under} of ${ratios.length}; ${figures}`)
}

for (const { file, line, message } of loaded.errors) console.error(`${file}:${String(line)}: ${message}`)
const chosen = examples().filter(({ lens }) => lens.name.startsWith(only))
const cases = [...Map.groupBy(chosen, ({ lens }) => lens)]
  .map(([lens, ofLens]) => caseOf(lens, ofLens))
  .filter(({ reads }) => reads.length > 0)
const figures = measure(cases)
console.log('mapping'.padEnd(34), 'get µs', 'stringify µs', 'ratio', ' put µs', 'put/get')
for (const [lens, each] of figures) print(lens, each)
const all = [...figures.values()]
const reading = all.map(({ get, stringify }) => get / stringify)
const writing = all.flatMap(({ get, put }) => (put === undefined ? [] : put / get))
summary('get / stringify', LIMIT, reading)
summary('put / get', PUT_LIMIT, writing)
