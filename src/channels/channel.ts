/**
 * What every way to a person is: something that takes a message. Whoever sends has decided that it may go out, and to
 * which address.
 */
import type { MessageLanguage } from './language.ts'

export type ChannelCode = 'email' | 'sms' | 'push'

export interface Message {
  /** Of the message, not of the try: sent again it is the same, so that the receiver can tell (Message-ID, Idempotency-Key) */
  readonly id: string
  /** with whom others share what the channel may send; nobody is told */
  readonly tenant?: string
  /** a template's: appointment-reminder */
  readonly kind: string
  readonly language: MessageLanguage
  readonly to: string
  /** Names nobody and no illness: it is shown on locked screens. */
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** address under which no more of it can be asked for */
  readonly unsubscribe?: string
  /** Asked at the last moment: later somebody else may be sending it. */
  readonly isOurs?: () => boolean
}

export interface Channel {
  readonly code: ChannelCode
  /**
   * Done when it was taken, or given up by the signal. Throws a RefusedError where it never will be taken, a LaterError or any
   * other where it may be.
   */
  readonly send: (message: Message, signal?: AbortSignal) => Promise<void>
}
