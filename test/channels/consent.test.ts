import { expect, test } from '@jest/globals'
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { consentRule } from '../../src/access/consent-rules.ts'
import { deniesContact } from '../../src/channels/consent.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const of = (code: string) => [{ system: 'http://hl7.org/fhir/resource-types', code }]

function isDenied(provision: ConsentProvision, more: Partial<Consent> = {}): boolean {
  const rule = consentRule({
    ...{ resourceType: 'Consent', id: '1', status: 'active', patient: { reference: 'Patient/1' } },
    ...{ scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'privacy' }], provision, ...more },
  })
  return deniesContact({ consents: rule ? [rule] : [], openings: [], roles: [], teams: [] }, '1', now)
}

test.each<[string, ConsentProvision]>([
  ['messages', { type: 'deny', class: of('Communication') }],
  ['messages among others', { type: 'deny', class: [...of('Observation'), ...of('Communication')] }],
  ['everything', { type: 'deny' }],
  ['messages as an exception', { type: 'permit', provision: [{ type: 'deny', class: of('Communication') }] }],
  [
    'what the clinic itself may do',
    { type: 'deny', actor: [{ role: {}, reference: { reference: 'Organization/1' } }] },
  ],
  ['what runs the clinic', { type: 'deny', purpose: [{ code: 'HOPERAT' }] }],
])('who denies %s is not written to', (_what, provision) => {
  expect(isDenied(provision)).toBe(true)
})

test.each<[string, ConsentProvision]>([
  ['other records', { type: 'deny', class: of('Observation') }],
  ['an illness', { type: 'deny', code: [{ coding: [{ system: 'http://snomed.info/sct', code: '1' }] }] }],
  ['what is confidential', { type: 'deny', securityLabel: [{ code: 'R' }] }],
  ['one doctor', { type: 'deny', actor: [{ role: {}, reference: { reference: 'Practitioner/1' } }] }],
  ['research', { type: 'deny', purpose: [{ code: 'HRESCH' }] }],
  ['one message', { type: 'deny', data: [{ meaning: 'instance', reference: { reference: 'Communication/1' } }] }],
  ['everything, once', { type: 'deny', period: { end: '2025-01-01' } }],
  ['all but messages', { type: 'deny', provision: [{ type: 'permit', class: of('Communication') }] }],
  ['nothing', { type: 'permit' }],
])('who denies %s is', (_what, provision) => {
  expect(isDenied(provision)).toBe(false)
})

test('what is no consent any more, or another’s, denies nothing', () => {
  const deny: ConsentProvision = { type: 'deny' }
  expect(isDenied(deny, { status: 'inactive' })).toBe(false)
  expect(isDenied(deny, { patient: { reference: 'Patient/2' } })).toBe(false)
})
