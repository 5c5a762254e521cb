/**
 * What somebody does not want to be sent: messages of a kind, or all by one way. The link in a message carries it sealed,
 * so that whoever sees the address learns nothing, and nobody makes one for somebody else.
 */
import { kidOf } from '../seal/seals.ts'
import type { Seals } from '../seal/seals.ts'
import type { ChannelCode } from './channel.ts'
import type { MessageLanguage } from './language.ts'

export interface Choice {
  readonly tenant: string
  /** `Patient/1` */
  readonly person: string
  readonly kind: string
  readonly code: ChannelCode
}

/** What is stopped; `*`: all of them. */
export interface Stopped {
  readonly kind: string
  readonly code: ChannelCode | '*'
}

export const CHOICES = '/messages/choices/'

/** of the gateway itself: no resource has this type */
const PLACE = { record: 'default/$message/choice', path: 'choice' }

/** Good for as long as the key is there that it was sealed with: people keep their letters. */
export function choiceLink(seals: Seals, origin: string, choice: Choice, language: MessageLanguage): string {
  return `${origin}${CHOICES}${seals.seal(PLACE, JSON.stringify(choice))}?lang=${language}`
}

/** Undefined: nobody made it here. */
export function choiceIn(seals: Seals, token: string): Choice | undefined {
  if (kidOf(token) === undefined) return undefined
  try {
    return JSON.parse(seals.open(PLACE, token)) as Choice
  } catch {
    return undefined
  }
}

/** `app`: no channel, where somebody who signs in finds it. */
export function isStopped(
  stopped: readonly Stopped[],
  { kind, code }: { readonly kind: string; readonly code: ChannelCode | 'app' },
): boolean {
  const isMeant = (each: Stopped): boolean => [kind, '*'].includes(each.kind) && [code, '*'].includes(each.code)
  return stopped.some(isMeant)
}
