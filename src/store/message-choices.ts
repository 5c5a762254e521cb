/** `messageChoices`: which messages somebody does not want. What is not there is sent. */
import type { Store } from './collections.ts'

export interface MessageChoiceDocument {
  /** `<tenant>/<Type>/<id>/<kind>/<channel>` */
  readonly _id: string
  /** tenant */
  readonly t: string
  /** `Patient/1` */
  readonly person: string
  /** `*`: all */
  readonly kind: string
  readonly code: 'email' | 'sms' | 'push' | '*'
  readonly at: Date
}

type Key = Pick<MessageChoiceDocument, 't' | 'person' | 'kind' | 'code'>

export async function stopMessages({ messageChoices }: Store, key: Key): Promise<void> {
  await messageChoices.updateOne({ _id: nameOf(key) }, { $setOnInsert: { ...key, at: new Date() } }, { upsert: true })
}

/** All that keeps messages of the kind from going by the channel. */
export async function resumeMessages({ messageChoices }: Store, { t, person, kind, code }: Key): Promise<void> {
  await messageChoices.deleteMany({ t, person, kind: { $in: [kind, '*'] }, code: { $in: [code, '*'] } })
}

export async function stoppedMessages(
  { messageChoices }: Store,
  { t, person }: Pick<Key, 't' | 'person'>,
): Promise<MessageChoiceDocument[]> {
  return messageChoices.find({ t, person }).toArray()
}

function nameOf({ t, person, kind, code }: Key): string {
  return `${t}/${person}/${kind}/${code}`
}
