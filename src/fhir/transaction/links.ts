/**
 * Which reference of an entry means which other entry (R4 bundle.html#references): by its fullUrl, or relative to the
 * base that both have in common. `Patient/1` of an entry `https://a/fhir/Observation/2` means `https://a/fhir/Patient/1`.
 */
import type { BundleEntry } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import { withReferences } from '../../projection/references.ts'
import { parseReference } from '../../r4/references.ts'

/** The entries, with relative references to one another spelled out. Throws 400 on one fullUrl of two (bdl-7). */
export function linkedEntries(entries: readonly BundleEntry[]): BundleEntry[] {
  const seen = new Set<string>()
  const byBase = new Map<string, Map<string, string>>()
  for (const [index, { fullUrl, request }] of entries.entries()) {
    if (fullUrl === undefined) continue
    if (seen.has(fullUrl)) throw twice(index)
    seen.add(fullUrl)
    const parts = parseReference(fullUrl)
    if (!parts?.base || request?.method === 'DELETE' || request?.method === 'GET') continue
    const urls = byBase.get(parts.base) ?? new Map<string, string>()
    byBase.set(parts.base, urls.set(`${parts.type}/${parts.id}`, fullUrl))
  }
  return entries.map((entry) => {
    const urls = byBase.get(parseReference(entry.fullUrl ?? '')?.base ?? '')
    return urls && entry.resource ? { ...entry, resource: withReferences(entry.resource, urls) } : entry
  })
}

export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' ? [member] : referencesIn(member),
  )
}

function twice(index: number): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', 'Another entry has this fullUrl already.', {
    expression: `Bundle.entry[${index}].fullUrl`,
  })
}
