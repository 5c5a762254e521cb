/** That a time became free is told to whom it is offered, by staff or by the gateway, as long as the offer holds. */
import { tokenKey } from '../../r4/keys/text.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import { plainReader } from '../../store/plain-reads.ts'
import { appointmentIn, appointmentLetter } from './appointment-letter.ts'
import { afterQuiet } from './due-moments.ts'
import type { KindParts, PlannedKind } from './kind.ts'
import { clinicOf, isOn } from './kind.ts'
import { OFFERS, offerEnds, offerIn } from './offer.ts'
import { sentCommunication } from './told.ts'

export function waitlistOffers(parts: KindParts): PlannedKind {
  const { store, plan } = parts
  return {
    name: OFFERS,
    job: OFFERS,
    type: 'Communication',
    filter: () => ({ deleted: false, k: tokenKey('status', undefined, 'preparation'), origin: { $exists: false } }),
    async owing(t, resources) {
      if (!isOn(plan(), { t }, OFFERS)) return []
      const open = resources.filter((each) => offerIn(each)?.message.status === 'preparation')
      const ids = open.map(({ _id }) => _id)
      const [{ reminders, timeZone }, seen] = await Promise.all([clinicOf(parts, t), firstSeen(store, ids)])
      return ids.map((about) => {
        const made = seen.get(about)?.getTime() ?? Date.now()
        return {
          t,
          kind: OFFERS,
          about,
          which: 'offer',
          due: new Date(afterQuiet(made, reminders.quietHours, timeZone)),
        }
      })
    },
    outgoing: outgoingOf(parts),
  }
}

function outgoingOf(parts: KindParts): PlannedKind['outgoing'] {
  const { store, plan } = parts
  const [read, letterOf] = [plainReader(store), appointmentLetter(parts)]
  return async ({ about, t }, now) => {
    const found = await read(about)
    const offer = found && offerIn(found)
    if (offer?.message.status !== 'preparation' || !isOn(plan(), { t }, OFFERS)) return NOT_WANTED
    const offered = await read(offer.appointment)
    const { status, start = '' } = offered && !offered.deleted ? appointmentIn(offered) : {}
    const made = (await firstSeen(store, [about])).get(about) ?? now
    const until = offerEnds(made, Date.parse(start))
    if (!offered || status !== 'proposed' || !(until > now.getTime())) return 'the offer is over'
    const letter = await letterOf(offered)
    if (typeof letter === 'string') return letter
    return {
      ...letter,
      template: 'waitlist-offer',
      facts: { ...letter.facts, until: new Date(until).toISOString() },
      kept: (posted, at) => sentCommunication(offer.message.id ?? '', posted, at),
      changes: () => [],
    }
  }
}
