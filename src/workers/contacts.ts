/** Where a message may go: addresses of the person, less what they do not want, or why there are none. */
import type { Resource } from '@medplum/fhirtypes'
import { choiceLink, isStopped } from '../channels/choice.ts'
import { deniesContact } from '../channels/consent.ts'
import type { Contact } from '../channels/contacts.ts'
import { contactsOf, isLookedAfter } from '../channels/contacts.ts'
import type { MessageLanguage } from '../channels/language.ts'
import type { Store } from '../store/collections.ts'
import { choicesReader } from '../store/message-choices.ts'
import { restrictionsOf } from '../store/restrictions.ts'

export interface Addressed {
  readonly tenant: string
  readonly recipient: Resource
  /** kind of message */
  readonly template: string
  readonly language: MessageLanguage
}

export interface OpenContact extends Contact {
  /** address under which no more of it can be asked for */
  readonly unsubscribe: () => string
}

export interface ContactsOptions {
  readonly store: Store
  /** public */
  readonly origin: () => string
  readonly now?: () => number
}

/** Gives them in the order in which they are to be tried; a text says why there are none. */
export function openContacts({ store, origin, now = Date.now }: ContactsOptions) {
  const stoppedOf = choicesReader(store)
  return async ({ tenant, recipient, template: kind, language }: Addressed): Promise<OpenContact[] | string> => {
    const person = nameOf(recipient)
    const all = contactsOf(recipient, now())
    if (all.length === 0) return 'there is no address to write to'
    if (await isDenied(store, { tenant, recipient }, now())) return 'a consent denies that they are written to'
    const stopped = await stoppedOf({ t: tenant, person })
    const open = all.filter(({ code }) => !isStopped(stopped, { kind, code }))
    if (open.length === 0) return 'they do not want such messages'
    return open.map(({ code, to }) => {
      const choice = { tenant, person, kind, code }
      return { code, to, unsubscribe: () => choiceLink(store.seals, origin(), choice, language) }
    })
  }
}

/** Whether what they are sent is shown to them too where they sign in. */
export function showing({ store, now = Date.now }: Omit<ContactsOptions, 'origin'>) {
  const stoppedOf = choicesReader(store)
  return async ({ tenant, recipient, template: kind }: Omit<Addressed, 'language'>): Promise<boolean> => {
    if (!isLookedAfter(recipient) || (await isDenied(store, { tenant, recipient }, now()))) return false
    return !isStopped(await stoppedOf({ t: tenant, person: nameOf(recipient) }), { kind, code: 'app' })
  }
}

async function isDenied(
  store: Store,
  { tenant, recipient: { resourceType, id = '' } }: Pick<Addressed, 'tenant' | 'recipient'>,
  now: number,
): Promise<boolean> {
  return resourceType === 'Patient' && deniesContact(await restrictionsOf(store, tenant), id, now)
}

function nameOf({ resourceType, id = '' }: Resource): string {
  return `${resourceType}/${id}`
}
