import { expect, test } from '@jest/globals'
import { BASE, loaded } from './examples.ts'

function accepts(mapping: string, resource: object): boolean {
  const lens = loaded.systems.flatMap(({ lenses }) => lenses).find(({ name }) => name === mapping)
  return lens?.writes.accepts(resource) ?? false
}

test('an appointment belongs with the visits by video, or with the others, never with both', () => {
  const virtual = { url: `${BASE}/StructureDefinition/appointment-virtual`, valueBoolean: true }
  const own = { url: 'http://example.org/room', valueString: '7' }
  const asked: readonly (readonly [object, boolean])[] = [
    [{}, false],
    [{ extension: [own] }, false],
    [{ extension: [virtual] }, true],
    [{ extension: [own, virtual] }, true],
  ]
  for (const [appointment, byVideo] of asked) {
    expect(accepts('healthapi/virtual-appointment', appointment)).toBe(byVideo)
    expect(accepts('healthapi/appointment', appointment)).toBe(!byVideo)
  }
})

test('all conditions of one alternative must hold', () => {
  const visit = { class: { code: 'VR' } }
  expect(accepts('healthapi/virtual-visit', visit)).toBe(true)
  expect(accepts('healthapi/virtual-visit', { ...visit, period: { start: '2025-09-05' } })).toBe(false)
  expect(accepts('healthapi/virtual-visit', { class: { code: 'AMB' } })).toBe(false)
})

test('one of several values is enough', () => {
  const category = (code: string): object => ({ coding: [{ code: 'other' }, { code }] })
  const basedOn = [{ reference: 'ServiceRequest/healthapi-5701' }]
  const both = [category('exam'), category('laboratory')]
  expect(accepts('healthapi/lab-result', { basedOn, category: both })).toBe(true)
  expect(accepts('healthapi/lab-result', { basedOn, category: [category('exam')] })).toBe(false)
  expect(accepts('healthapi/lab-result', { category: both })).toBe(false)
  expect(accepts('healthapi/device-data', { category: [category('activity')], device: { display: 'band' } })).toBe(true)
  expect(accepts('healthapi/device-data', { category: [category('activity')] })).toBe(false)
})

test('what a list of texts cannot say belongs elsewhere; what is not said stands for what the list means', () => {
  const status = (code: string): object => ({ coding: [{ code }] })
  const code = { text: 'Asthma' }
  expect(accepts('hms/condition', { code })).toBe(true)
  expect(
    accepts('hms/condition', { code, clinicalStatus: status('active'), category: [status('problem-list-item')] }),
  ).toBe(true)
  expect(accepts('hms/condition', { code, category: [status('encounter-diagnosis')] })).toBe(false)
  expect(accepts('hms/condition', { code, clinicalStatus: status('resolved') })).toBe(false)
  expect(accepts('hms/allergy', { code: status('91936005') })).toBe(false)
})
