/** `/admin/review-types` and `/admin/save-review-type`: what can be ordered, what is switched off too. */
import { randomUUID } from 'node:crypto'
import type { Row } from '../../../mapping/lens.ts'
import { fold } from '../../../r4/keys/fold.ts'
import { catalogueRows } from '../../app/catalogue.ts'
import { searchOf } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import { isSent, optionalText, textField } from '../../app/fields.ts'
import { isOn, plain, plainNumber } from '../../app/plain.ts'
import { textOf } from '../../app/second-opinions.ts'
import { activeField, amountField, optionalNumber, saved } from '../catalogue-fields.ts'

const MAPPING = 'sop/review-type'
const LONGEST = 255
const LONGEST_DESCRIPTION = 10_000
const MOST_DAYS = 3_650

export const reviewTypes: Endpoint = {
  asked: searchOf('ActivityDefinition'),
  async handle(call) {
    const q = fold(optionalText(call.body, 'q', LONGEST) ?? '').trim()
    const rows = await catalogueRows(call, MAPPING)
    const names = ['review_type', 'review_type_ar']
    const found = rows.filter((row) => names.some((name) => fold(textOf(row, name)).includes(q)))
    return { data: { items: found.map(shown) } }
  },
}

export const saveReviewType: Endpoint = {
  asked: () => ({ kind: 'update', action: 'U', target: 'ActivityDefinition' }),
  async handle({ body, change, source }) {
    const isKnown = isSent(body, 'review_type_id')
    const key = isKnown ? textField(body, 'review_type_id') : randomUUID()
    const text = (name: string, most: number) => optionalText(body, name, most) ?? null
    const columns = {
      review_type: textField(body, 'review_type', LONGEST),
      review_type_ar: text('review_type_ar', LONGEST),
      description_en: text('description_en', LONGEST_DESCRIPTION),
      description_ar: text('description_ar', LONGEST_DESCRIPTION),
      min_review_days: optionalNumber(body, 'min_review_days', MOST_DAYS),
      max_review_days: optionalNumber(body, 'max_review_days', MOST_DAYS),
      reviewed_doctors_count: optionalNumber(body, 'reviewed_doctors_count', MOST_DAYS),
      price: amountField(body, 'price'),
      icon: text('icon', LONGEST),
      active: activeField(body),
    }
    await change([{ mapping: MAPPING, key: [key], edit: saved(columns, { source, isKnown }) }])
    return { message: 'Review type saved', data: { review_type_id: key } }
  },
}

function shown(row: Row) {
  const texts = ['review_type_id', 'review_type', 'review_type_ar', 'description_en', 'description_ar', 'icon']
  const numbers = ['min_review_days', 'max_review_days', 'reviewed_doctors_count', 'price']
  return {
    ...Object.fromEntries(texts.map((name) => [name, plain(row[name])])),
    ...Object.fromEntries(numbers.map((name) => [name, plainNumber(row[name])])),
    active: isOn(row['active']) ? 1 : 0,
    created_date: plain(row['created_date']),
  }
}
