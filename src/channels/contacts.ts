/**
 * Where somebody can be written to: what their resource says of it, less what is not true any more. Work numbers and
 * shared ones come last, for others read them.
 */
import type { ContactPoint, Resource } from '@medplum/fhirtypes'
import { isWithin, spanOf } from '../access/span.ts'
import type { ChannelCode } from './channel.ts'

export interface Contact {
  readonly code: ChannelCode
  readonly to: string
}

interface Reachable {
  readonly resourceType: string
  readonly id?: string
  readonly active?: boolean
  readonly deceasedBoolean?: boolean
  readonly deceasedDateTime?: string
  readonly telecom?: readonly ContactPoint[]
}

/** By which `ContactPoint.system` what is reached. */
const CODES: Readonly<Record<string, ChannelCode>> = { email: 'email', sms: 'sms', phone: 'sms' }
/** Where there is no other order: text that has room first, then what a telephone surely shows. */
const ORDER = ['email', 'sms', 'phone']
const USES = ['mobile', 'home', undefined, 'temp', 'work']
/** As people type a number, and as it is dialled. */
const TYPED = /^\+?[\d\s().\-/]+$/
const DIALLED = /^\+?\d{5,15}$/
/** Without a rank: after all that have one */
const LAST = Number.MAX_SAFE_INTEGER

/** In the order in which they are to be tried; none for who has died or is not looked after any more. */
export function contactsOf(resource: Resource, now: number): Contact[] {
  const person = resource as Reachable
  if (!isLookedAfter(person)) return []
  const points = (person.telecom ?? []).filter((point) => isCurrent(point, now))
  const sorted = points.toSorted((one, other) => compare(orderOf(one), orderOf(other)))
  const contacts = sorted.flatMap(contactOf)
  // Who pushes knows the devices of a person by the person's name
  if (person.id !== undefined) contacts.push({ code: 'push', to: `${person.resourceType}/${person.id}` })
  const isFirst = ({ code, to }: Contact, at: number): boolean =>
    contacts.findIndex((each) => each.code === code && each.to === to) === at
  return contacts.filter(isFirst)
}

export function isLookedAfter({ active, deceasedBoolean, deceasedDateTime }: Omit<Reachable, 'resourceType'>): boolean {
  return active !== false && deceasedBoolean !== true && deceasedDateTime === undefined
}

/** An end that is no time counts as over. */
function isCurrent({ use, period }: ContactPoint, now: number): boolean {
  const { span, isKnown } = spanOf(period, false)
  return use !== 'old' && isKnown && isWithin(span, now)
}

function orderOf({ rank = LAST, system, use }: ContactPoint): readonly number[] {
  return [rank, ORDER.indexOf(system ?? ''), USES.indexOf(use)]
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((each, index) => each !== other[index])
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}

function contactOf({ system, value = '' }: ContactPoint): Contact[] {
  const code = CODES[system ?? '']
  if (code === undefined) return []
  const text = value.trim()
  if (code === 'email') return text.includes('@') ? [{ code, to: text }] : []
  const number = TYPED.test(text) ? text.replace(/[^\d+]/g, '') : ''
  return DIALLED.test(number) ? [{ code, to: number }] : []
}
