/**
 * How long a mapping takes to read its rows, against JSON.stringify of what they give: `node bench/lens.ts [mapping]`.
 *
 * Rows are all of the mapping's examples under `mappings/`, as the driver gives them; both are timed in turn.
 */
import type { Resource } from '@medplum/fhirtypes'
import { BSON } from 'mongodb'
import type { Lens, LensContext, Part } from '../src/mapping/lens.ts'
import { loaded, contextOf, examples, partsOf } from '../test/mapping/examples.ts'
import type { Example } from '../test/mapping/examples.ts'

const ROUNDS = 300
/** resources a round: about a millisecond, so that on a busy machine some rounds run undisturbed */
const TIMES = 250
const LIMIT = 1.5

interface Read {
  readonly part: Part
  readonly context: LensContext
  readonly resource: Resource
}

interface Figures {
  readonly get: number
  readonly stringify: number
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

/** Microseconds a resource. */
function time(reads: readonly Read[], work: (read: Read) => unknown): number {
  const times = Math.ceil(TIMES / reads.length)
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) for (const read of reads) work(read)
  return Number(process.hrtime.bigint() - start) / times / reads.length / 1000
}

/** Fastest round of each: what the work costs when nothing else gets in the way. */
function measure(reads: readonly Read[]): Figures {
  let [get, stringify] = [Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    get = Math.min(
      get,
      time(reads, ({ part, context }) => part.lens.get(part, context)),
    )
    stringify = Math.min(
      stringify,
      time(reads, ({ resource }) => JSON.stringify(resource)),
    )
  }
  return { get, stringify }
}

function print({ name }: Lens, { get, stringify }: Figures): number {
  const ratio = get / stringify
  const figures = `${get.toFixed(2).padStart(6)} ${stringify.toFixed(2).padStart(12)} ${ratio.toFixed(2)}`
  console.log(name.padEnd(34), figures, ratio > LIMIT ? `over ${LIMIT}` : '')
  return ratio
}

for (const { file, line, message } of loaded.errors) console.error(`${file}:${String(line)}: ${message}`)
console.log('mapping'.padEnd(34), 'get µs', 'stringify µs', 'ratio')
const chosen = examples().filter(({ lens }) => lens.name.startsWith(only))
const ratios = [...Map.groupBy(chosen, ({ lens }) => lens)].flatMap(([lens, ofLens]) => {
  const reads = ofLens.flatMap(readsOf)
  return reads.length > 0 ? [print(lens, measure(reads))] : []
})
const middle = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] ?? NaN
console.log(`worst ${Math.max(...ratios).toFixed(2)}, median ${middle.toFixed(2)}`)
