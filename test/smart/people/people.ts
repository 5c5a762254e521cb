/** A gateway's database with a few people in it. */
import type { AccountDocument } from '../../../src/store/accounts.ts'
import type { NewAccount } from '../../../src/smart/people/new-account.ts'
import { addAccount } from '../../../src/smart/people/new-account.ts'
import type { People } from '../../../src/smart/people/people.ts'
import { openPeople } from '../../../src/smart/people/people.ts'
import type { Store } from '../../../src/store/collections.ts'
import { closeStore, openTestStore } from '../../support/databases.ts'
import { testSeals } from '../../support/seals.ts'

export const PASSWORD = 'correct horse battery'

export interface Clinic {
  readonly store: Store
  readonly people: People
  /** how long answers were held back, in milliseconds */
  readonly waits: number[]
  /** the same, as if nothing had been tried yet */
  calm(): Promise<People>
  add(email: string, wish?: Partial<NewAccount>): Promise<AccountDocument>
  close(): Promise<void>
}

export async function openClinic(): Promise<Clinic> {
  const store = await openTestStore(testSeals())
  const waits: number[] = []
  const wait = (time: number): Promise<void> => {
    waits.push(time)
    return Promise.resolve()
  }
  const open = async (): Promise<People> => {
    const opened = await openPeople(store, { demo: false, origin: 'https://fhir.clinic.example' })
    return { ...opened, turns: { ...opened.turns, wait } }
  }
  return {
    ...{ store, waits },
    people: await open(),
    async calm() {
      waits.length = 0
      await store.db.collection('attempts').deleteMany({})
      return open()
    },
    add: (email, wish = {}) =>
      addAccount(store, { tenant: 'default', email, roles: ['practitioner'], password: PASSWORD, ...wish }),
    close: () => closeStore(store),
  }
}
