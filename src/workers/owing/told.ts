/** The Communication that tells what was sent to whom: no address is in it. */
import type { Communication, Resource } from '@medplum/fhirtypes'
import type { Create, Update } from '../../projection/operation.ts'
import type { OwedDocument } from '../../store/owed.ts'
import type { Outgoing } from './kind.ts'
import type { Sent } from './post.ts'

/** http://terminology.hl7.org/CodeSystem/v3-ParticipationMode */
const MEDIA: Readonly<Record<string, string>> = { email: 'EMAILWRIT', sms: 'SMSWRIT', push: 'ELECTRONIC' }

export function communicationOf(
  owed: OwedDocument,
  { recipient, about }: Outgoing,
  posted: Sent,
  { at, base }: { readonly at: Date; readonly base: string },
): Create {
  const who = { reference: `${recipient.resourceType}/${recipient.id ?? ''}` }
  const resource: Communication = {
    resourceType: 'Communication',
    identifier: [{ system: `${base}/sid/isthmus/messages`, value: owed._id }],
    status: 'completed',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'reminder' }] },
    ],
    ...mediumOf(posted),
    ...(isPatient(recipient) && { subject: who }),
    topic: { text: posted.subject },
    about: about.map((reference) => ({ reference })),
    sent: at.toISOString(),
    recipient: [who],
    payload: [{ contentString: posted.text }],
  }
  return { method: 'POST', type: 'Communication', resource, reserved: owed._id, own: true }
}

/** Of one that was to be sent. */
export function sentCommunication(id: string, { subject, text, ...posted }: Sent, at: Date): Update {
  const sent = {
    ...mediumOf(posted),
    topic: { text: subject },
    sent: at.toISOString(),
    payload: [{ contentString: text }],
  }
  const edit = (current: Resource | undefined): Resource => ({
    ...(current as Communication),
    ...sent,
    status: 'completed',
  })
  return { method: 'PUT', type: 'Communication', id, edit }
}

function mediumOf({ way }: Pick<Sent, 'way'>): Pick<Communication, 'medium'> {
  const code = MEDIA[way]
  if (code === undefined) return {}
  return { medium: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code }] }] }
}

function isPatient({ resourceType }: Resource): boolean {
  return resourceType === 'Patient'
}
