/** Every place where the gateway keeps a secret of its own sealed: what seals all of them anew goes through this list. */
import type { Collection, Document } from 'mongodb'
import type { Place } from '../seal/seals.ts'
import { kidOf } from '../seal/seals.ts'
import type { AccountDocument } from './accounts.ts'
import type { Store } from './collections.ts'
import { placeOfAnswer } from './kept-answers.ts'
import { placeOfSecret } from './second-factors.ts'
import { placeOfKey } from './shared-key.ts'
import { placeOfHeader } from './subscriptions.ts'

interface SecretField {
  readonly collection: 'accounts' | 'meta' | 'keptAnswers' | 'subscriptions'
  /** of a value, or of a list of them */
  readonly path: string
  placeOf(document: Document): Place
}

const fields: readonly SecretField[] = [
  { collection: 'accounts', path: 'totp.sealed', placeOf: (account) => placeOfSecret(account as AccountDocument) },
  { collection: 'meta', path: 'sealed', placeOf: ({ _id }) => placeOfKey(String(_id)) },
  { collection: 'keptAnswers', path: 'answer.body', placeOf: ({ _id }) => placeOfAnswer(String(_id)) },
  { collection: 'subscriptions', path: 'headers', placeOf: ({ _id }) => placeOfHeader(String(_id)) },
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
      for (const { at, value } of valuesAt(document, path)) {
        yield {
          ...{ collection, path, kid: kidOf(value) },
          async reseal() {
            const place = field.placeOf(document)
            const next = store.seals.seal(place, store.seals.open(place, value))
            await own.updateOne({ _id: document['_id'], [at]: value }, { $set: { [at]: next } })
          },
        }
      }
    }
  }
}

/** Each with its own path. */
function valuesAt(document: Document, path: string): { readonly at: string; readonly value: string }[] {
  const found: unknown = path.split('.').reduce<unknown>((at, name) => (at as Document)[name], document)
  if (!Array.isArray(found)) return [{ at: path, value: String(found) }]
  return found.map((value, index) => ({ at: `${path}.${index}`, value: String(value) }))
}
