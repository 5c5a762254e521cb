/** What is wrong in `profiles/`, and what mappings name that is not there; each mistake with file and line. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MappingFileError } from '../mapping/errors.ts'
import type { SourceSystem } from '../mapping/lens.ts'
import { listOf } from '../mapping/mapping-file.ts'
import type { MappingData } from '../mapping/mapping-file.ts'
import { isResourceType } from '../r4/elements.ts'
import { JsonError, parseJson } from '../r4/json.ts'
import type { Definition } from './canonical.ts'
import { canonicalUrl, profileId, WRITTEN_BASE } from './canonical.ts'
import { fileName } from './definitions.ts'
import { isSearchParameter, parameterMistakes } from './search-parameters.ts'

export interface CheckedFolders {
  readonly profiles: string
  readonly mappings: string
}

export function definitionErrors(folders: CheckedFolders, systems: readonly SourceSystem[]): MappingFileError[] {
  const known = new Set<string>()
  const taken = new Set<string>()
  const ofFiles = readdirSync(folders.profiles)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => fileErrors(join(folders.profiles, name), known, taken))
  const mappings = systems.flatMap(({ written }) => written.mappings)
  for (const { mapping } of mappings) known.add(canonicalUrl(WRITTEN_BASE, 'StructureDefinition', profileId(mapping)))
  const ofMappings = mappings.flatMap((data) => namedErrors(data, folders.mappings, known))
  return [...ofFiles, ...ofMappings]
}

function fileErrors(file: string, known: Set<string>, taken: Set<string>): MappingFileError[] {
  const text = readFileSync(file, 'utf8')
  let definition: Partial<Definition>
  try {
    definition = parseJson(text) as unknown as Partial<Definition>
  } catch (error) {
    const message = error instanceof JsonError ? error.message : 'this is not JSON'
    const [, position = '1'] = /at character (\d+)/.exec(message) ?? []
    return [new MappingFileError(file, lineAt(text, Number(position) - 1), message)]
  }
  const { resourceType = '', id = '', url = '' } = definition
  const wanted = canonicalUrl(WRITTEN_BASE, resourceType, id)
  const at = (key: string, message: string): MappingFileError =>
    new MappingFileError(file, lineOf(text, `"${key}"`), message)
  if (!isResourceType(resourceType)) return [at('resourceType', `"${resourceType}" is no resource type of FHIR R4`)]
  if (fileName(definition as Definition) !== basename(file))
    return [at('id', `the file of this id is ${fileName(definition as Definition)}`)]
  if (url !== wanted) return [at('url', `the url must be ${wanted}`)]
  known.add(url)
  if (!isSearchParameter(definition)) return []
  return parameterMistakes(definition as Definition, taken).map(({ element, message }) => at(element, message))
}

/** Extensions and profiles of our own that a mapping names. */
function namedErrors(data: MappingData, folder: string, known: ReadonlySet<string>): MappingFileError[] {
  const rules = [...data.rules, ...Object.values(data.split ?? {}).flatMap((part) => part.rules)]
  const extensions = rules
    .flatMap(({ fhir }) => listOf(fhir))
    .flatMap((path) =>
      [...path.matchAll(/(?<!extension\[[^\]]*\]\.)extension\[url=([\w-]+)\]/g)].map(([, name = '']) => name),
    )
  const profiles = listOf(data.profile).flatMap((url) => url.split('IB/StructureDefinition/')[1] ?? [])
  const missing = [...new Set([...extensions, ...profiles])].filter(
    (name) => !known.has(canonicalUrl(WRITTEN_BASE, 'StructureDefinition', name)),
  )
  const file = `${join(folder, data.mapping)}.yaml`
  return missing.map(
    (name) =>
      new MappingFileError(
        file,
        lineOf(readFileSync(file, 'utf8'), name),
        `"${name}" has no definition: write profiles/StructureDefinition-${name}.json`,
      ),
  )
}

function lineOf(text: string, part: string): number {
  return lineAt(text, Math.max(0, text.indexOf(part)))
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}
