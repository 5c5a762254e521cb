/** A document as it is answered: a Bundle with an identifier that no other has, kept where that is asked for. */
import { randomUUID } from 'node:crypto'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseJson } from '../../r4/json.ts'
import type { Found } from '../../store/search-reader.ts'
import { documentBytes, plainEntry } from '../bundle.ts'
import type { EntryText } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import { versionHeaders } from '../headers.ts'
import { checkedResource } from '../resource-body.ts'
import { commitOne } from '../write-context.ts'

export interface Document {
  readonly interaction: string
  /** the Composition first */
  readonly entries: readonly EntryText[]
  /** of the Bundle */
  readonly meta?: object
  readonly persist?: boolean
}

export async function documentAnswer(context: FhirContext, document: Document): Promise<Answer> {
  const { interaction, entries, meta, persist = false } = document
  assertWanted(context, persist)
  const head = {
    ...(meta && { meta }),
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` },
    timestamp: new Date().toISOString(),
  }
  const body = documentBytes(head, entries)
  return persist
    ? stored(context, interaction, body)
    : { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction }
}

export function entryOf(context: FhirContext, found: Found): EntryText {
  return plainEntry(urlOf(context, found), found.body)
}

export function urlOf({ permit, request }: FhirContext, { _id }: Found): string {
  return `${request.base}/${_id.slice(permit.tenant.length + 1)}`
}

function assertWanted({ request }: FhirContext, persist: boolean): void {
  if (!persist || request.method === 'POST') return
  throw new GatewayError('GW_NOT_ALLOWED', 'With persist=true a Bundle is stored: ask for that by POST.', {
    allow: 'POST',
  })
}

/** As any other Bundle that is created: checked by the tenant's policy, in one commit. */
async function stored(context: FhirContext, interaction: string, bytes: Buffer): Promise<Answer> {
  const { limits, request } = context
  if (bytes.length > limits.bodyBytes) {
    const sentence = `The document is larger than what may be stored (${limits.bodyBytes} bytes): ask without persist.`
    throw new GatewayError('GW_TOO_LARGE', sentence)
  }
  const resource = checkedResource(context, parseJson(bytes.toString()), 'Bundle')
  const written = await commitOne(context, { method: 'POST', type: 'Bundle', resource })
  const path = written._id.slice(request.tenant.length + 1)
  const headers = { ...versionHeaders(written), Location: `${request.base}/${path}/_history/${written.v}` }
  return { status: 200, headers, body: written.body, interaction }
}
