/** The Communication that tells what was sent to whom: no address is in it. */
import type { Communication, Resource } from '@medplum/fhirtypes'
import type { Create } from '../../projection/operation.ts'
import type { OwedDocument } from '../../store/owed.ts'
import type { Outgoing } from './kind.ts'
import type { Posted } from './post.ts'

/** http://terminology.hl7.org/CodeSystem/v3-ParticipationMode */
const MEDIA: Readonly<Record<string, string>> = { email: 'EMAILWRIT', sms: 'SMSWRIT', push: 'ELECTRONIC' }

export function communicationOf(
  owed: OwedDocument,
  { recipient, about }: Outgoing,
  posted: Extract<Posted, { readonly way: string }>,
  { at, base }: { readonly at: Date; readonly base: string },
): Create {
  const who = { reference: `${recipient.resourceType}/${recipient.id ?? ''}` }
  const medium = MEDIA[posted.way]
  const resource: Communication = {
    resourceType: 'Communication',
    identifier: [{ system: `${base}/sid/isthmus/messages`, value: owed._id }],
    status: 'completed',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'reminder' }] },
    ],
    ...(medium !== undefined && {
      medium: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code: medium }] }],
    }),
    ...(isPatient(recipient) && { subject: who }),
    topic: { text: posted.subject },
    about: about.map((reference) => ({ reference })),
    sent: at.toISOString(),
    recipient: [who],
    payload: [{ contentString: posted.text }],
  }
  return { method: 'POST', type: 'Communication', resource, reserved: owed._id, own: true }
}

function isPatient({ resourceType }: Resource): boolean {
  return resourceType === 'Patient'
}
