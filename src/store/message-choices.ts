/** `messageChoices`: which messages somebody does not want. What is not there is sent. */
import type { Store } from './collections.ts'
import { MOST_BY_ID, gatheredNow } from './gathered.ts'

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

type Person = Pick<Key, 't' | 'person'>

/** What a person does not want. */
export function stoppedMessages({ messageChoices }: Store, { t, person }: Person): Promise<MessageChoiceDocument[]> {
  return messageChoices.find({ t, person }).toArray()
}

/** The same for many at a time. */
export function choicesReader({ messageChoices }: Store): (person: Person) => Promise<MessageChoiceDocument[]> {
  return gatheredNow(async (batch) => {
    const byTenant = [...Map.groupBy(batch, ({ t }) => t)]
    const people = byTenant.map(([t, all]) => ({ t, person: { $in: all.map(({ person }) => person) } }))
    const found = await messageChoices.find({ $or: people }).toArray()
    return batch.map(({ t, person }) => found.filter((each) => each.t === t && each.person === person))
  }, MOST_BY_ID)
}

function nameOf({ t, person, kind, code }: Key): string {
  return `${t}/${person}/${kind}/${code}`
}
