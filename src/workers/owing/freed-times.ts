/**
 * A time that became free (an appointment was called off or moved, an offer of it was not taken) is offered to whom of the
 * waitlist it suits best: once, while it is free.
 */
import type { Appointment, BundleEntry, Resource } from '@medplum/fhirtypes'
import { everythingOf } from '../../access/permit.ts'
import { instantToWall } from '../../mapping/codecs/time-zone.ts'
import type { Operation } from '../../projection/operation.ts'
import { tokenKey, uriKey } from '../../r4/keys/text.ts'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import { findPlain, readPlain } from '../../store/plain-reads.ts'
import { actorIn, appointmentIn, heldStart } from './appointment-letter.ts'
import type { Happened } from './happened.ts'
import { happenedOf } from './happened.ts'
import type { Deed, FreedTime, KindParts, NewsKind } from './kind.ts'
import { clinicOf, isOn } from './kind.ts'
import { OFFERS } from './offer.ts'

/** Of those who wait the longest, so many are looked at. */
const LOOKED_AT = 100
/** A day has fewer of one practitioner. */
const MOST = 500
const LONGEST = 7 * 24 * 3_600_000
const TAKING = new Set<unknown>(['booked', 'arrived', 'checked-in', 'fulfilled'])

export function freedTimes(parts: KindParts): NewsKind {
  const { store, plan } = parts
  return {
    name: 'freed-times',
    job: OFFERS,
    type: 'Appointment',
    async news(tenant, changes, session) {
      if (!isOn(plan(), { t: tenant }, OFFERS)) return []
      const happened = await happenedOf(store, tenant, changes, session)
      return happened.flatMap((each) => owingOf(each))
    },
    async outgoing({ about, t, which }, now) {
      const [happened] = await happenedOf(store, t, [{ id: about, v: Number(which), method: 'PUT' }])
      const place = happened && freedBy(happened)
      if (!place || !isOn(plan(), { t }, OFFERS)) return NOT_WANTED
      if (place.start <= now.getTime()) return 'the time is over'
      if (await isTaken(parts, t, place)) return 'the time is taken'
      return offerOf(parts, happened, place)
    },
  }
}

function owingOf(happened: Happened): Owing[] {
  const { resource, after } = happened
  const place = freedBy(happened)
  if (!place || place.start <= Date.now()) return []
  const { _id: about, t } = resource
  return [{ t, kind: 'freed-times', about, which: String(after.v), due: new Date() }]
}

/** The time that an appointment had, or that was asked for, and has no more. */
function freedBy({ before, after }: Happened): FreedTime | undefined {
  if (!before) return undefined
  const [was, is] = [appointmentIn(before), appointmentIn(after)]
  const start = was.status === 'proposed' ? Date.parse(was.start ?? '') : heldStart(before)
  const [end, practitioner] = [Date.parse(was.end ?? ''), actorIn(was, 'Practitioner')?.reference?.split('/')[1]]
  const isFreed = was.status === 'proposed' ? is.status === 'cancelled' : isLeft(after, start)
  if (!isFreed || start === undefined || Number.isNaN(start + end) || practitioner === undefined) return undefined
  return { practitioner, start, end }
}

function isLeft(after: Happened['after'], start: number | undefined): boolean {
  const now = heldStart(after)
  return now === undefined ? appointmentIn(after).status === 'cancelled' : now !== start
}

async function isTaken({ store }: KindParts, t: string, { practitioner, start, end }: FreedTime): Promise<boolean> {
  const near = { $elemMatch: { p: 'date', l: { $gt: new Date(start - LONGEST), $lt: new Date(end) } } }
  const filter = { k: uriKey('practitioner', `Practitioner/${practitioner}`), d: near }
  const found = await findPlain(store, everythingOf(t), 'Appointment', filter, MOST)
  return found.map(appointmentIn).some((each) => TAKING.has(each.status) && Date.parse(each.end ?? '') > start)
}

async function offerOf(parts: KindParts, { resource, before }: Happened, place: FreedTime): Promise<Deed | string> {
  const { store, waitlist } = parts
  const [{ t }, permit] = [resource, everythingOf(resource.t)]
  const waiting = { k: tokenKey('status', undefined, 'waitlist') }
  const list = (await findPlain(store, permit, 'Appointment', waiting, LOOKED_AT)).filter(
    ({ origin }) => origin?.instance === resource.origin?.instance,
  )
  const entries = list.map(appointmentIn)
  const along = await readPlain(
    store,
    permit,
    entries.flatMap((entry) => waitlist.matchedBy(entry) ?? []).map((name) => `${t}/${name}`),
  )
  const offers = along.filter(({ deleted }) => !deleted).map(appointmentIn)
  const wasAsked = before && appointmentIn(before).status === 'proposed'
  if (wasAsked && !offers.some(({ id }) => resource._id.endsWith(`/${id}`))) return 'it was no offer'
  if (offers.some((offer) => isOffer(offer, place))) return 'the time is offered'
  const { timeZone } = await clinicOf(parts, t)
  const day = new Date(instantToWall(timeZone, place.start)).toISOString().slice(0, 10)
  const [best] = waitlist.suited(entries, offers, place, day)
  if (!best) return 'it suits nobody who waits'
  return { operations: (waitlist.offer(best, place).entry ?? []).map(operationOf) }
}

function isOffer(offer: Appointment, { practitioner, start }: FreedTime): boolean {
  const isHers = actorIn(offer, 'Practitioner')?.reference === `Practitioner/${practitioner}`
  return offer.status === 'proposed' && isHers && Date.parse(offer.start ?? '') === start
}

function operationOf({ fullUrl, resource, request }: BundleEntry): Operation {
  const { resourceType: type, id = '' } = resource as Resource
  const own = resource as Resource
  if (request?.method !== 'PUT')
    return { method: 'POST', type, resource: own, ...(fullUrl !== undefined && { fullUrl }) }
  const version = Number(/\d+/.exec(request.ifMatch ?? '')?.[0])
  return { method: 'PUT', type, id, version, resource: own, edit: () => own }
}
