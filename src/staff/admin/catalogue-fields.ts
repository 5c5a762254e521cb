/** Fields of the catalogues, and how a row of one is saved: a new one, or one that is there. */
import type { Row } from '../../mapping/lens.ts'
import type { Body } from '../app/fields.ts'
import { isSent, numberIn, wholeField } from '../app/fields.ts'
import type { SecondOpinions } from '../app/second-opinions.ts'
import { badField, ToldError } from '../app/words.ts'

const MOST_PRICE = 1e9

export function optionalNumber(body: Body, name: string, most: number): number | null {
  return isSent(body, name) ? wholeField(body, name, 0, most) : null
}

export function amountField(body: Body, name: string): number | null {
  if (!isSent(body, name)) return null
  const value = numberIn(body[name])
  if (value !== undefined && value >= 0 && value <= MOST_PRICE) return value
  throw badField(name, [`must be a number from 0 to ${MOST_PRICE}`, `يجب أن يكون عددًا من 0 إلى ${MOST_PRICE}`])
}

/** On, unless it is said otherwise. */
export function activeField(body: Body): 0 | 1 {
  if (!isSent(body, 'active')) return 1
  const value = body['active']
  if (value === 1 || value === true) return 1
  if (value === 0 || value === false) return 0
  throw badField('active', ['must be 1 or 0', 'يجب أن يكون 1 أو 0'])
}

interface Saving {
  readonly source: SecondOpinions
  /** its key was sent */
  readonly isKnown: boolean
}

export function saved(columns: Row, { source, isKnown }: Saving) {
  return (row: Row | undefined, at: Date): Row => {
    if (row) return { ...row, ...columns }
    if (!isKnown) return { ...columns, created_date: source.stamp(at) }
    throw new ToldError('GW_NOT_FOUND', ['There is nothing with this key.', 'لا يوجد سجل بهذا المعرّف.'])
  }
}
