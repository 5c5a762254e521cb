/** `/app/disease-categories`: the specialities a case can be of; `q` looks for a part of a name in either language. */
import type { Row } from '../../../mapping/lens.ts'
import { fold } from '../../../r4/keys/fold.ts'
import { catalogueRows, inLanguage } from '../catalogue.ts'
import { searchOf } from '../cases.ts'
import type { Endpoint } from '../endpoint.ts'
import { optionalText } from '../fields.ts'
import { isOn, plain } from '../plain.ts'
import { textOf } from '../second-opinions.ts'

const MOST = 300
const LONGEST = 200

export const diseaseCategories: Endpoint = {
  asked: searchOf('HealthcareService'),
  async handle(call) {
    const { language: lang, body } = call
    const q = optionalText(body, 'q', LONGEST)
    const rows = (await catalogueRows(call, 'sop/disease-category')).filter((row) => isOn(row['active']))
    const items = matching(rows, q).map((row) => ({
      key: plain(row['dc_id']),
      value: inLanguage(row, 'specialty_en', 'specialty_ar', lang),
    }))
    return { data: { lang, items: items.slice(0, MOST) } }
  },
}

/** Of either language, whatever the case and the accents. */
export function matching(rows: readonly Row[], q: string | undefined): Row[] {
  const wanted = fold(q ?? '').trim()
  return rows.filter((row) =>
    ['specialty_en', 'specialty_ar'].some((column) => fold(textOf(row, column)).includes(wanted)),
  )
}
