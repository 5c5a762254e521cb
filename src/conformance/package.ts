/**
 * The definitions as a FHIR package, which FHIR tools install (https://hl7.org/fhir/R4/implementationguide.html, and
 * https://confluence.hl7.org/display/FHIR/NPM+Package+Specification): an npm archive with an index.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Definition } from './canonical.ts'
import { definitionsOf, fileName, profileUrls } from './definitions.ts'
import type { DefinitionOptions } from './definitions.ts'
import type { Example } from './examples.ts'
import { implementationGuide, PACKAGE_ID } from './implementation-guide.ts'

export interface PackageOptions extends DefinitionOptions {
  readonly examples: readonly Example[]
}

/** Path → text, the manifest first. */
export function packageFiles(options: PackageOptions): Map<string, string> {
  const definitions = definitionsOf(options)
  const urls = profileUrls(options)
  const examples = options.examples.map(({ resource, mapping }) => ({ resource, profile: urls.get(mapping) }))
  const guide = implementationGuide(definitions.slice(0, -1), options, examples)
  const all = [...definitions.slice(0, -1), guide]
  return new Map([
    ['package/package.json', json(manifest(options))],
    ['package/.index.json', json(index(all))],
    ...all.map((each) => [`package/${fileName(each)}`, json(each)] as const),
    ['package/example/.index.json', json(index(examples.map(({ resource }) => resource)))],
    ...examples.map(({ resource }) => [`package/example/${fileName(resource)}`, json(resource)] as const),
  ])
}

function manifest({ base, version }: DefinitionOptions): object {
  return {
    name: PACKAGE_ID,
    version,
    type: 'fhir.ig',
    license: 'Apache-2.0',
    canonical: base,
    url: `${base}/ImplementationGuide/isthmus`,
    title: 'Isthmus',
    description: 'What an Isthmus gateway gives: profiles, extensions, code tables',
    author: 'Isthmus',
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    directories: { lib: 'package', example: 'example' },
  }
}

function index(resources: readonly (Resource | Definition)[]): object {
  return {
    'index-version': 1,
    files: resources.map((resource) => {
      const { resourceType, id, url, version, kind, type } = resource as unknown as Record<string, unknown>
      const canonical = typeof url === 'string' ? { url, version, kind, type } : {}
      return { filename: fileName(resource), resourceType, id, ...canonical }
    }),
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
