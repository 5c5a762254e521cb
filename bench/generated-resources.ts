/**
 * Resources for a validator that is not ours, one a line (NDJSON): what documents like those of the examples read as,
 * with columns changed to anything their kind may hold. Each claims the profile of its mapping; equal ones stand once.
 *
 *   node bench/generated-resources.ts --out folder --count 10000 --seed 1 hms/patient qivr/vitals
 *
 * The definitions to judge by go to `folder/defs`. Our own validation has its say first.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { fileName, profileUrls } from '../src/conformance/definitions.ts'
import { MappingProblem } from '../src/mapping/errors.ts'
import { contextOf, examples, partsOf } from '../test/mapping/examples.ts'
import type { Example } from '../test/mapping/examples.ts'
import { generated } from '../test/mapping/generated-rows.ts'
import { conformanceErrors, definitionOptions, definitions, profiles } from '../test/support/definitions.ts'
import { validationErrors } from '../test/support/validate.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'generated' },
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
})

const all = examples()
const urls = profileUrls(definitionOptions)

mkdirSync(join(values.out, 'defs'), { recursive: true })
for (const each of definitions) writeFileSync(join(values.out, 'defs', fileName(each)), JSON.stringify(each))
for (const mapping of positionals) {
  const lines = [...generatedLines(mapping)]
  writeFileSync(join(values.out, `${mapping.replace('/', '-')}.ndjson`), lines.map((line) => `${line}\n`).join(''))
  const errors = lines.flatMap((line) => errorsOf(JSON.parse(line) as Resource, mapping))
  console.log(`${mapping}: ${lines.length} different resources, ${errors.length} errors by our own validation`)
  for (const error of new Set(errors)) console.log(`  ${error}`)
}

/** By the definitions of R4, and by the profile of the mapping. */
function errorsOf(resource: Resource, mapping: string): string[] {
  const profile = profiles.get(urls.get(mapping) ?? '')
  return [...validationErrors(resource), ...(profile ? conformanceErrors(resource, profile) : ['no profile'])]
}

function generatedLines(mapping: string): Set<string> {
  const own = all.filter(({ lens }) => lens.name === mapping)
  const numRuns = Math.ceil(Number(values.count) / own.length)
  return new Set(
    own.flatMap((example) =>
      fc
        .sample(generated(example, all), { numRuns, seed: Number(values.seed) })
        .flatMap(resourcesOf)
        .map((resource) => JSON.stringify(resource)),
    ),
  )
}

/** A document that cannot be read is a problem, not a resource. */
function resourcesOf(example: Example): object[] {
  return partsOf(example).flatMap((part) => {
    try {
      const resource = part.lens.get(part, contextOf(example))
      return resource ? [claiming(resource, urls.get(part.lens.name) ?? '')] : []
    } catch (error) {
      if (error instanceof MappingProblem) return []
      throw error
    }
  })
}

function claiming(resource: ReturnType<Example['lens']['get']> & object, profile: string): object {
  const { resourceType, id, meta, ...elements } = resource
  return {
    resourceType,
    id,
    meta: { ...meta, profile: [...new Set([...(meta?.profile ?? []), profile])] },
    ...elements,
  }
}
