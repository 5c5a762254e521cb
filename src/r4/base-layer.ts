/**
 * The definitions of R4 itself, as a layer of the registry: code systems, value sets and concept maps, and the profiles and
 * extensions that come with it (vital signs, data-absent-reason, …). What is there is known from small indexes; the texts
 * are unzipped when the first is asked for.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Resource } from '@medplum/fhirtypes'
import { readDefinitions } from './definitions.ts'
import type { Unread } from './registry.ts'

const texts = new Map<string, Buffer>()

export function baseDefinitions(): Unread[] {
  return [...definitionsIn('terminology'), ...definitionsIn('profiles')]
}

function definitionsIn(file: string): Unread[] {
  let start = 0
  return (readDefinitions(file) as string[]).map((line) => {
    const [resourceType = '', url = '', version, length] = line.split(' ')
    const place = { from: start, to: start + Number(length) }
    start = place.to + 1
    return { resourceType, url, version: version === '-' ? undefined : version, read: () => resourceAt(file, place) }
  })
}

function resourceAt(file: string, { from, to }: { readonly from: number; readonly to: number }): Resource {
  return JSON.parse(textOf(file).toString('utf8', from, to)) as Resource
}

function textOf(file: string): Buffer {
  const known = texts.get(file)
  if (known) return known
  const text = gunzipSync(readFileSync(new URL(`./definitions/${file}.ndjson.gz`, import.meta.url)))
  texts.set(file, text)
  return text
}
