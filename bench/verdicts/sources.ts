/** The good resources that verdicts are asked of: the examples of packages, and what the mappings' examples read as. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { profileUrls } from '../../src/conformance/definitions.ts'
import { examples } from '../../test/mapping/examples.ts'
import { definitionOptions } from '../../test/support/definitions.ts'
import type { Json } from './places.ts'

export interface Source {
  readonly name: string
  readonly resource: Json
}

/** `package/example/*.json` of every archive in the folder. */
export async function packageExamples(folder: string): Promise<Source[]> {
  const archives = readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort()
  return (await Promise.all(archives.map((name) => examplesIn(join(folder, name))))).flat()
}

async function examplesIn(path: string): Promise<Source[]> {
  const archive = extract()
  archive.end(gunzipSync(readFileSync(path)))
  const found: Source[] = []
  for await (const entry of archive) {
    const [, name] = /^package\/example\/([^/.][^/]*\.json)$/.exec(entry.header.name) ?? []
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    const resource = name === undefined ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json)
    if (typeof resource['resourceType'] === 'string') found.push({ name: `${basename(path)} ${name}`, resource })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** With the profile of its mapping. */
export function mappedExamples(): Source[] {
  const urls = profileUrls(definitionOptions)
  return examples().flatMap(({ name, lens, resources }) => {
    const profile = urls.get(lens.name)
    return resources.map((resource) => ({ name, resource: claiming(resource as unknown as Json, profile) }))
  })
}

function claiming(resource: Json, profile: string | undefined): Json {
  const meta = resource['meta'] as { readonly profile?: string[] } | undefined
  if (profile === undefined) return resource
  return { ...resource, meta: { ...meta, profile: [...new Set([...(meta?.profile ?? []), profile])] } }
}
