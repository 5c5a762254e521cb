/** The gateway as the author of what it makes itself: whoever reads such a document sees that no human wrote it. */
import { randomUUID } from 'node:crypto'
import { release } from '../../kernel/release.ts'
import { plainEntry } from '../bundle.ts'
import type { EntryText } from '../bundle.ts'

export interface Author {
  readonly url: string
  readonly entry: EntryText
}

export function gatewayAuthor(): Author {
  const url = newUrl()
  const device = {
    resourceType: 'Device',
    status: 'active',
    manufacturer: 'Isthmus',
    deviceName: [{ name: 'Isthmus FHIR gateway', type: 'user-friendly-name' }],
    type: { text: 'FHIR gateway' },
    version: [{ value: release }],
    note: [{ text: 'Made the Composition of this document by rules, from what is stored.' }],
  }
  return { url, entry: plainEntry(url, JSON.stringify(device)) }
}

/** Of what is in a document only. */
export function newUrl(): string {
  return `urn:uuid:${randomUUID()}`
}
