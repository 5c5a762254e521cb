/**
 * FHIR packages of others, read from a folder when the gateway starts: `*.tgz` as they are published, or unpacked
 * (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification).
 *
 * A package has hundreds of definitions of which few are asked for: their text is kept, and parsed when one is.
 */
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { Resource } from '@medplum/fhirtypes'
import { StartError } from '../kernel/errors.ts'
import type { Unread } from '../r4/registry.ts'

export interface FhirPackage {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly definitions: readonly Unread[]
}

type Files = ReadonlyMap<string, Buffer>

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly fhirVersions?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
}

interface IndexEntry {
  readonly filename?: string
  readonly resourceType?: string
  readonly url?: string
  readonly version?: string
}

const READ = new Set([
  ...['CodeSystem', 'ConceptMap', 'NamingSystem', 'OperationDefinition', 'Questionnaire', 'SearchParameter'],
  ...['StructureDefinition', 'ValueSet'],
])
/** Of what an archive unpacks to: all of R4 is 150 MB. */
const MOST_MEGABYTES = 512
const MEGABYTE = 1_048_576
/** What these have is part of the gateway. */
const BUILT_IN = /^hl7\.fhir\.r4\.(core|expansions|examples)$/

/** In the order of their file names; none without a folder. A package that cannot be read stops the start. */
export async function readPackages(folder: string | undefined): Promise<FhirPackage[]> {
  if (folder === undefined) return []
  if (!existsSync(folder)) throw new StartError(`ISTHMUS_PACKAGES names ${folder}, which is no folder.`)
  const packages: FhirPackage[] = []
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    const files = /\.(tgz|tar\.gz)$/.test(name) ? await archivedFiles(path) : folderFiles(path)
    if (files) packages.push(packageOf(path, files))
  }
  return packages
}

/** One sentence for each package that needs others which are not there. */
export function missingDependencies(packages: readonly FhirPackage[]): string[] {
  const names = new Set(packages.map(({ name }) => name))
  return packages.flatMap(({ name, version, dependencies }) => {
    const missing = Object.entries(dependencies).filter(([other]) => !names.has(other) && !BUILT_IN.test(other))
    if (missing.length === 0) return []
    const list = missing.map((each) => each.join('#')).join(', ')
    return [
      `The package ${name}#${version} names others that are not loaded, what it takes from them is unknown: ${list}`,
    ]
  })
}

/** Definitions stand in one folder; what else is there (examples, other formats, links) is passed over. */
const MEMBER = /^package\/([^/]+\.json)$/

async function archivedFiles(path: string): Promise<Files> {
  const files = new Map<string, Buffer>()
  const archive = extract()
  const unpacked = pipeline(createReadStream(path), createGunzip(), archive)
  // Told by the loop below too, which is the first to hear
  unpacked.catch(() => undefined)
  let bytes = 0
  try {
    for await (const entry of archive) {
      const [, name] = entry.header.type === 'file' ? (MEMBER.exec(entry.header.name) ?? []) : []
      const chunks: Buffer[] = []
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > MOST_MEGABYTES * MEGABYTE) throw tooLarge(path)
        if (name !== undefined) chunks.push(chunk)
      }
      if (name !== undefined) files.set(name, Buffer.concat(chunks))
    }
    await unpacked
  } catch (error) {
    throw error instanceof StartError ? error : broken(path, 'it is no archive that npm makes', error)
  }
  return files
}

function tooLarge(path: string): StartError {
  return broken(path, `it unpacks to more than ${MOST_MEGABYTES} MB`)
}

function folderFiles(path: string): Files | undefined {
  if (!statSync(path).isDirectory()) return undefined
  const folder = [join(path, 'package'), path].find((each) => existsSync(join(each, 'package.json')))
  if (folder === undefined) return undefined
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]))
}

function packageOf(path: string, files: Files): FhirPackage {
  const text = files.get('package.json')
  if (!text) throw broken(path, 'it has no package/package.json')
  const { name, version, fhirVersions = [], dependencies = {} } = parse(path, 'package.json', text) as Manifest
  if (name === undefined || version === undefined) throw broken(path, 'its package.json names no package')
  const [release] = fhirVersions
  if (release !== undefined && !fhirVersions.some((each) => each.startsWith('4.0'))) {
    throw broken(path, `it is for FHIR ${release}, not for R4`)
  }
  return { name, version, dependencies, definitions: definitionsIn(path, files) }
}

/** The index says what a file holds; one that is not in it must be read to know. */
function definitionsIn(path: string, files: Files): Unread[] {
  const index = files.get('.index.json')
  const { files: list = [] } = index ? (parse(path, '.index.json', index) as { files?: IndexEntry[] }) : {}
  const entries = new Map(list.map((entry) => [entry.filename, entry]))
  return [...files].flatMap(([name, text]) => {
    if (name === 'package.json' || name.startsWith('.')) return []
    const known = entries.get(name) ?? (parse(path, name, text) as IndexEntry)
    const { resourceType = '', url, version } = known
    return url !== undefined && READ.has(resourceType)
      ? [{ resourceType, url, version, read: reading(path, name, text) }]
      : []
  })
}

function reading(path: string, name: string, text: Buffer): () => Resource {
  let last: WeakRef<Resource> | undefined
  return () => {
    const known = last?.deref()
    if (known) return known
    const resource = parse(path, name, text) as Resource
    last = new WeakRef(resource)
    return resource
  }
}

function parse(path: string, name: string, text: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    throw broken(path, `${name} in it is not JSON`, error)
  }
  throw broken(path, `${name} in it is no JSON object`)
}

function broken(path: string, why: string, cause?: unknown): StartError {
  const sentence = `The FHIR package ${basename(path)} cannot be read, ${why}: get it again, or take it out of the folder.`
  return new StartError(sentence, { cause })
}
