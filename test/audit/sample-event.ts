/** An event as reads leave it. */
import type { AuditDocument } from '../../src/store/audit-documents.ts'

export function sampleEvent(id: string, patient = 'p1'): AuditDocument {
  return {
    ...{
      _id: `default/${id}`,
      t: 'default',
      at: new Date('2026-01-02T03:04:05.678Z'),
      kind: 'read',
      action: 'R',
      status: 200,
    },
    who: { client: 'app' },
    request: id,
    what: [{ p: [patient], n: [`Observation/${id}/_history/1`] }],
  }
}
