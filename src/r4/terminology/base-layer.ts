/**
 * The code systems, value sets and concept maps of R4 itself, as a layer of the registry. What is there is known from a
 * small index; the texts are unzipped when the first is asked for.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Resource } from '@medplum/fhirtypes'
import { readDefinitions } from '../definitions.ts'
import type { Unread } from '../registry.ts'

let texts: Buffer | undefined

export function baseTerminology(): Unread[] {
  let start = 0
  return (readDefinitions('terminology') as string[]).map((line) => {
    const [resourceType = '', url = '', version, length] = line.split(' ')
    const place = { from: start, to: start + Number(length) }
    start = place.to + 1
    return { resourceType, url, version: version === '-' ? undefined : version, read: () => resourceAt(place) }
  })
}

function resourceAt({ from, to }: { readonly from: number; readonly to: number }): Resource {
  texts ??= gunzipSync(readFileSync(new URL('../definitions/terminology.ndjson.gz', import.meta.url)))
  return JSON.parse(texts.toString('utf8', from, to)) as Resource
}
