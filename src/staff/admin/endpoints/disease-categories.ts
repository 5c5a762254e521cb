/** `/admin/disease-categories` and `/admin/save-disease-category`: the specialities, what is switched off too. */
import { randomUUID } from 'node:crypto'
import { catalogueRows } from '../../app/catalogue.ts'
import { searchOf } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import { matching } from '../../app/endpoints/disease-categories.ts'
import type { Body } from '../../app/fields.ts'
import { isSent, listField, optionalText, textField } from '../../app/fields.ts'
import { isOn, plain, plainList } from '../../app/plain.ts'
import { activeField, saved } from '../catalogue-fields.ts'

const MAPPING = 'sop/disease-category'
const LONGEST = 255

export const diseaseCategories: Endpoint = {
  asked: searchOf('HealthcareService'),
  async handle(call) {
    const rows = matching(await catalogueRows(call, MAPPING), optionalText(call.body, 'q', LONGEST))
    const items = rows.map((row) => ({
      dc_id: plain(row['dc_id']),
      specialty_en: plain(row['specialty_en']),
      specialty_ar: plain(row['specialty_ar']),
      doctor_ids: plainList(row['doctor_ids']),
      active: isOn(row['active']) ? 1 : 0,
    }))
    return { data: { items } }
  },
}

export const saveDiseaseCategory: Endpoint = {
  asked: () => ({ kind: 'update', action: 'U', target: 'HealthcareService' }),
  async handle({ body, change, source }) {
    const isKnown = isSent(body, 'dc_id')
    const key = isKnown ? textField(body, 'dc_id') : randomUUID()
    const columns = {
      specialty_en: textField(body, 'specialty_en', LONGEST),
      specialty_ar: optionalText(body, 'specialty_ar', LONGEST) ?? null,
      ...doctorsIn(body),
      active: activeField(body),
    }
    await change([{ mapping: MAPPING, key: [key], edit: saved(columns, { source, isKnown }) }])
    return { message: 'Disease category saved', data: { dc_id: key } }
  },
}

/** What is not said stays. */
function doctorsIn(body: Body): { doctor_ids?: string } {
  if (!isSent(body, 'doctor_ids')) return {}
  const list = listField(body, 'doctor_ids')
  const keys = list.map((each, index) => textField({ [`doctor_ids[${index}]`]: each }, `doctor_ids[${index}]`))
  return { doctor_ids: JSON.stringify([...new Set(keys)]) }
}
