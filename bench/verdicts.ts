/**
 * Do we say the same of a resource as a validator that is not ours?
 *
 *   node bench/verdicts.ts make --packages folder --out folder [--defs folder] [--seed 1] [--count 500] [cases.ndjson …]
 *   … the other validator judges folder/*.ndjson by folder/defs, a line of JSON for each to folder/other.jsonl …
 *   node bench/verdicts.ts compare --out folder
 *
 * `make` writes cases, one a line, `{name, expect, ours, resource}`, with our verdict as what is expected: the examples of
 * the packages, what the mappings read, resources made of both (mutations.ts), and cases that are given, by
 * definitions of their own. `compare` prints how often both agree, and every case of which they do not.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Resource } from '@medplum/fhirtypes'
import { fileName } from '../src/conformance/definitions.ts'
import { readPackages } from '../src/conformance/packages.ts'
import { parseJson } from '../src/r4/json.ts'
import { registryOf } from '../src/r4/registry.ts'
import { baseDefinitions } from '../src/r4/base-layer.ts'
import { terminologyOf } from '../src/r4/terminology/terminology.ts'
import { type Finding, isError } from '../src/r4/validation/finding.ts'
import { codeKnowledge } from '../src/r4/validation/code-knowledge.ts'
import { type Validator, validatorOf } from '../src/r4/validation/validator.ts'
import { definitions } from '../test/support/definitions.ts'
import { mutated } from './verdicts/mutations.ts'
import { randomOf } from './verdicts/random.ts'
import { mappedExamples, packageExamples, type Source } from './verdicts/sources.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    packages: { type: 'string' },
    defs: { type: 'string' },
    out: { type: 'string', default: 'verdicts' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '500' },
  },
})
const [work, ...given] = positionals

interface Case extends Source {
  readonly expect: 'valid' | 'invalid'
  readonly ours: readonly string[]
}

async function make(): Promise<void> {
  const packages = (await readPackages(values.packages)).flatMap(({ definitions: inIt }) => inIt)
  const added = values.defs === undefined ? [] : jsonIn(values.defs)
  writeDefinitions([...packages.map((each) => each.read()), ...added, ...definitions])
  const registry = registryOf(baseDefinitions(), packages, added, definitions)
  const terminology = terminologyOf(registry)
  const validator = validatorOf(registry, codeKnowledge(terminology))
  const examples = values.packages === undefined ? [] : await packageExamples(values.packages)
  for (const path of given) writeCases(basename(path), linesOf(path) as Source[], validator)
  writeCases('examples.ndjson', examples, validator)
  const mapped = mappedExamples()
  writeCases('mapped.ndjson', mapped, validator)
  writeCases('generated.ndjson', generated(examples, mapped), validator)
}

function jsonIn(folder: string): Resource[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Resource)
}

function linesOf(path: string): unknown[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line))
}

function writeDefinitions(all: readonly Resource[]): void {
  const folder = join(values.out, 'defs')
  mkdirSync(folder, { recursive: true })
  const judged = all.filter(({ resourceType }) => /^(StructureDefinition|ValueSet|CodeSystem)$/.test(resourceType))
  for (const each of judged) writeFileSync(join(folder, fileName(each)), JSON.stringify(each))
}

/** Half of them from the packages, half from the mappings; a type is as likely as any other. */
function generated(...kinds: readonly (readonly Source[])[]): Source[] {
  const random = randomOf(Number(values.seed))
  const types = kinds
    .filter((sources) => sources.length > 0)
    .map((sources) => [...Map.groupBy(sources, ({ resource }) => resource['resourceType']).values()])
  return Array.from({ length: Number(values.count) }, (_, index) => {
    const source = random.of(random.of(types[index % types.length] ?? []))
    const { how, resource } = mutated(source.resource, random)
    return { name: `${index + 1} ${source.name}, ${how}`, resource }
  })
}

function writeCases(name: string, sources: readonly Source[], validator: Validator): void {
  const cases = sources.map((each) => caseOf(each, validator))
  writeFileSync(join(values.out, name), cases.map((each) => `${JSON.stringify(each)}\n`).join(''))
  const good = cases.filter(({ expect }) => expect === 'valid').length
  console.log(`${name}: ${cases.length} resources, ${good} valid by us`)
}

function caseOf({ name, resource }: Source, validator: Validator): Case {
  const exact = parseJson(JSON.stringify(resource)) as object
  const ours = everything(validator, exact).map(({ expression, message }) => `${expression}: ${message}`)
  return { name, expect: ours.length === 0 ? 'valid' : 'invalid', ours, resource }
}

/** As `$validate` asks. */
function everything(validator: Validator, resource: object): Finding[] {
  const structure = validator.structure(resource)
  const isRight = structure.every(({ code }) => code !== 'structure')
  return [...structure, ...(isRight ? validator.invariants(resource) : []), ...validator.profiles(resource)].filter(
    isError,
  )
}

// ── what the other says ──────────────────────────────────────────────────────────────────────────

interface Other {
  readonly where: string
  readonly errors: number
  readonly messages: readonly { readonly severity: string; readonly location: string; readonly message: string }[]
}

/** What is known of why they differ, by what theirs says: docs/validation.md explains each. */
const KNOWN: readonly (readonly [reason: string, theirs: RegExp])[] = [
  ['the profile is not loaded', /Profile reference .* could not be found|Failed to retrieve profile/],
  ['the value set rests on others that are not loaded', /error message = Unknown code .* for in-memory expansion/],
  ['no-show is no status of R4', /app-4/],
  ['a link in the narrative', /^Hyperlink '#.*does not resolve/],
  [
    'a language with a region, which no binding requires',
    /is not in valueset: http:\/\/hl7.org\/fhir\/ValueSet\/languages/,
  ],
]

function compare(): void {
  const others = linesOf(join(values.out, 'other.jsonl')) as Other[]
  for (const [file, judged] of Map.groupBy(others, ({ where }) => where.replace(/:\d+$/, ''))) {
    const cases = linesOf(join(values.out, file)) as Case[]
    const differing = judged.flatMap((other, index) => {
      const own = cases[index]
      return own && (own.expect === 'invalid') !== other.errors > 0 ? [{ own, other }] : []
    })
    console.log(`${file}: ${judged.length} judged, ${judged.length - differing.length} alike`)
    for (const [reason, all] of Map.groupBy(differing, ({ other }) => reasonOf(other))) {
      if (reason !== undefined) console.log(`  ${all.length} differ: ${reason}`)
      else for (const { own, other } of all) console.log(differenceOf(own, other))
    }
  }
}

/** Where all that theirs says is known, the first of it. */
function reasonOf(other: Other): string | undefined {
  const reasons = errorsOf(other).map(({ message }) => KNOWN.find(([, theirs]) => theirs.test(message))?.[0])
  return reasons.includes(undefined) ? undefined : reasons[0]
}

function errorsOf({ messages }: Other): Other['messages'] {
  return messages.filter(({ severity }) => severity === 'error' || severity === 'fatal')
}

function differenceOf({ name, expect, ours }: Case, other: Other): string {
  const theirs = errorsOf(other).map(({ location, message }) => `    theirs ${location}: ${message}`)
  return [`  ${name}: ${expect} by us`, ...ours.map((each) => `    ours ${each}`), ...theirs].join('\n')
}

if (work === 'make') await make()
else compare()
