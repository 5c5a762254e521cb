/** Every place where the gateway keeps a secret of its own sealed: what seals all of them anew goes through this list. */
import type { Collection, Document } from 'mongodb'
import type { Place } from '../seal/seals.ts'
import { kidOf } from '../seal/seals.ts'
import type { AccountDocument } from './accounts.ts'
import type { Store } from './collections.ts'
import { placeOfAnswer } from './kept-answers.ts'
import { placeOfSecret } from './second-factors.ts'
import { placeOfKey } from './shared-key.ts'

interface SecretField {
  readonly collection: 'accounts' | 'meta' | 'keptAnswers'
  readonly path: string
  placeOf(document: Document): Place
}

const fields: readonly SecretField[] = [
  { collection: 'accounts', path: 'totp.sealed', placeOf: (account) => placeOfSecret(account as AccountDocument) },
  { collection: 'meta', path: 'sealed', placeOf: ({ _id }) => placeOfKey(String(_id)) },
  { collection: 'keptAnswers', path: 'answer.body', placeOf: ({ _id }) => placeOfAnswer(String(_id)) },
]

export interface Secret {
  readonly collection: SecretField['collection']
  readonly path: string
  /** undefined: it is no sealed value */
  readonly kid: string | undefined
  /** Under the first key. Whoever changed it meanwhile sealed it himself. Throws a GatewayError where it does not open. */
  reseal(): Promise<void>
}

export async function* secretsIn(store: Store): AsyncGenerator<Secret> {
  for (const field of fields) {
    const { collection, path } = field
    const own = store[collection] as unknown as Collection
    for await (const document of own.find({ [path]: { $type: 'string' } })) {
      const value = valueAt(document, path)
      yield {
        ...{ collection, path, kid: kidOf(value) },
        async reseal() {
          const place = field.placeOf(document)
          const next = store.seals.seal(place, store.seals.open(place, value))
          await own.updateOne({ _id: document['_id'], [path]: value }, { $set: { [path]: next } })
        },
      }
    }
  }
}

function valueAt(document: Document, path: string): string {
  const value = path.split('.').reduce<unknown>((at, name) => (at as Document)[name], document)
  return typeof value === 'string' ? value : ''
}
