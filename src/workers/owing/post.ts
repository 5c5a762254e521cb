/** How messages get to people: a port, behind which templates, addresses, choices and channels are. */
import type { Resource } from '@medplum/fhirtypes'
import type { MessageLanguage } from '../../channels/language.ts'
import type { OwnText } from '../../channels/own-texts.ts'

export interface Letter {
  /** of the message: sent again it is the same */
  readonly id: string
  readonly tenant: string
  /** to whom: a Patient, or whoever else has addresses */
  readonly recipient: Resource
  readonly template: string
  /** where the recipient says nothing of it */
  readonly language: MessageLanguage
  readonly facts: Readonly<Record<string, unknown>>
  /** facts that go by email only, and are not kept */
  readonly confidential?: Readonly<Record<string, unknown>>
  /** what the clinic says in its own words */
  readonly own?: OwnText
  /** the only way that is wanted; none: the first that leads to the person */
  readonly way?: string
  /** Asked at the last moment: later somebody else may be sending it. */
  readonly isOurs?: () => boolean
}

/** It was taken, or there is no way to this person. */
export type Posted = Sent | { readonly unreachable: string }

export interface Sent {
  readonly way: string
  readonly subject: string
  readonly text: string
}

export interface Post {
  /** Throws a RefusedError where it never will be taken; anything else: it may be later. */
  send(letter: Letter): Promise<Posted>
}
