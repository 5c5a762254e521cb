/**
 * How long a mapping takes to read a row, against JSON.stringify of what it gives: `node bench/lens.ts [mapping]`.
 *
 * Rows are those of the examples under `mappings/`, as the driver gives them; both are timed in turn in one process.
 */
import { BSON } from 'mongodb'
import { loaded, contextOf, examples, partsOf } from '../test/mapping/examples.ts'
import type { Example } from '../test/mapping/examples.ts'

const ROUNDS = 15
const TIMES = 5_000
const LIMIT = 1.5

const [, , only = ''] = process.argv

function time(work: () => unknown): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < TIMES; i++) work()
  return Number(process.hrtime.bigint() - start) / TIMES / 1000
}

/** The driver gives plain numbers where an example names the BSON type (`promoteValues`). */
function asRead(example: Example): Example {
  const collections = BSON.deserialize(BSON.serialize(example.collections)) as Example['collections']
  return { ...example, collections }
}

/** Fastest round of each: what the work costs when nothing else gets in the way. */
function measure(example: Example): { get: number; stringify: number } | undefined {
  const [part] = partsOf(asRead(example)).filter(({ gone }) => !gone)
  if (!part) return undefined
  // Warnings are counted elsewhere: keeping the words of each round would be what is measured.
  const context = { ...contextOf(example), warn: () => undefined }
  const resource = part.lens.get(part, context)
  let [get, stringify] = [Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    get = Math.min(
      get,
      time(() => part.lens.get(part, context)),
    )
    stringify = Math.min(
      stringify,
      time(() => JSON.stringify(resource)),
    )
  }
  return { get, stringify }
}

for (const { file, line, message } of loaded.errors) console.error(`${file}:${String(line)}: ${message}`)
console.log('mapping'.padEnd(34), 'get µs', 'stringify µs', 'ratio')
const ratios: number[] = []
const seen = new Set<string>()
for (const example of examples().filter(({ lens }) => lens.name.startsWith(only))) {
  if (seen.has(example.lens.name)) continue
  const result = measure(example)
  if (!result) continue
  seen.add(example.lens.name)
  const ratio = result.get / result.stringify
  ratios.push(ratio)
  const figures = `${result.get.toFixed(2).padStart(6)} ${result.stringify.toFixed(2).padStart(12)} ${ratio.toFixed(2)}`
  console.log(example.lens.name.padEnd(34), figures, ratio > LIMIT ? `over ${LIMIT}` : '')
}
console.log(
  `worst ${Math.max(...ratios).toFixed(2)}, median ${ratios.sort((a, b) => a - b)[ratios.length >> 1]?.toFixed(2) ?? ''}`,
)
