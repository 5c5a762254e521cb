/** Lines of lists are made once of a version, and never shown where another is right. */
import { expect, test } from '@jest/globals'
import type { Patient, ServiceRequest } from '@medplum/fhirtypes'
import { Kept } from '../../../src/staff/api/kept.ts'
import { Lines } from '../../../src/staff/api/lines.ts'
import type { NamesOf } from '../../../src/staff/api/plain.ts'
import type { Stored } from '../../../src/store/raw.ts'

const AT = Date.UTC(2026, 2, 2)

function stored(resource: { readonly resourceType: string; readonly id: string }, v = 1, tenant = 'default'): Stored {
  const _id = `${tenant}/${resource.resourceType}/${resource.id}`
  return { _id, v, u: new Date(AT + v), deleted: false, body: Buffer.from(JSON.stringify(resource)) }
}

function requestOf(text: string): ServiceRequest & { readonly id: string } {
  return {
    resourceType: 'ServiceRequest',
    id: 'r',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p' },
    code: { text },
  }
}

function called(family: string): Patient & { readonly id: string } {
  return { resourceType: 'Patient', id: 'p', name: [{ family }] }
}

/** What is shown, and how often a line was made. */
function watched() {
  const lines = new Lines()
  let made = 0
  const view = ({ code, subject }: ServiceRequest, names: NamesOf): object => {
    made++
    return { text: code?.text, patient: names(subject?.reference) }
  }
  const shown = (match: Stored, included: readonly Stored[], list = 'order'): object | undefined =>
    lines.of(list, { matches: [match], included }, view)[0]
  return { shown, made: () => made }
}

test('a version is put into words once', () => {
  const { shown, made } = watched()
  const first = shown(stored(requestOf('a')), [stored(called('A'))])
  expect(first).toEqual({ text: 'a', patient: 'A' })
  expect(shown(stored(requestOf('a')), [stored(called('A'))])).toBe(first)
  expect(made()).toBe(1)
})

test('another version, another name, nobody who may be seen, another tenant and another list are shown as they are', () => {
  const { shown } = watched()
  shown(stored(requestOf('a')), [stored(called('A'))])
  expect(shown(stored(requestOf('b'), 2), [stored(called('A'))])).toEqual({ text: 'b', patient: 'A' })
  expect(shown(stored(requestOf('b'), 2), [stored(called('B'), 2)])).toEqual({ text: 'b', patient: 'B' })
  expect(shown(stored(requestOf('b'), 2), [])).toEqual({ text: 'b' })
  expect(shown(stored(requestOf('c'), 2, 'north'), [])).toEqual({ text: 'c' })
  expect(shown(stored(requestOf('d'), 2), [], 'case')).toEqual({ text: 'd' })
})

test('what was written anew under an old number is not taken for what it was', () => {
  const { shown } = watched()
  shown(stored(requestOf('a')), [])
  expect(shown({ ...stored(requestOf('b')), u: new Date(AT + 9) }, [])).toEqual({ text: 'b' })
})

test('of a page with something sealed in it nothing is kept', () => {
  const { shown, made } = watched()
  const sealed = { ...stored(called('A')), wasSealed: true } as const
  shown(stored(requestOf('a')), [sealed])
  expect(shown(stored(requestOf('a')), [sealed])).toEqual({ text: 'a', patient: 'A' })
  expect(made()).toBe(2)
})

test('what was not asked for lately goes, and no more is kept than may be', () => {
  const kept = new Kept<number>(20)
  const version = { v: 1, u: new Date(AT) }
  for (let at = 0; at < 100; at++) {
    kept.set(`${at}`, version, at, 1)
    expect(kept.get('0', version)).toBe(0)
  }
  const there = Array.from({ length: 100 }, (_, at) => kept.get(`${at}`, version)).filter((each) => each !== undefined)
  expect(there.length).toBeLessThanOrEqual(20)
  expect(kept.get('99', version)).toBe(99)
  expect(kept.get('50', version)).toBeUndefined()
})
