/** `/app/review-types`: what can be ordered, with the words of the screen on which it is chosen. */
import type { Row } from '../../../mapping/lens.ts'
import { catalogueRows, inLanguage } from '../catalogue.ts'
import { searchOf } from '../cases.ts'
import type { Endpoint } from '../endpoint.ts'
import { isOn, plain, plainNumber } from '../plain.ts'
import type { Language, Words } from '../words.ts'

const MOST = 100
const TITLE: Words = ['Select review type', 'اختر نوع المراجعة']
const SUBTITLE: Words = ['Get expert medical opinion from our panel', 'احصل على رأي طبي متخصص من نخبة أطبائنا']

export const reviewTypes: Endpoint = {
  asked: searchOf('ActivityDefinition'),
  async handle(call) {
    const { language: lang } = call
    const rows = (await catalogueRows(call, 'sop/review-type')).filter((row) => isOn(row['active']))
    const items = rows.slice(0, MOST).map((row) => shown(row, lang))
    return { data: { lang, title: TITLE[lang], subtitle: SUBTITLE[lang], items } }
  },
}

function shown(row: Row, lang: Language) {
  return {
    rt_id: plain(row['review_type_id']),
    title: inLanguage(row, 'review_type', 'review_type_ar', lang),
    description: inLanguage(row, 'description_en', 'description_ar', lang),
    doctor_count: plainNumber(row['reviewed_doctors_count']),
    duration: duration(plainNumber(row['min_review_days']), plainNumber(row['max_review_days']), lang),
    price: plainNumber(row['price']),
    icon: plain(row['icon']) ?? 'document',
  }
}

/** `8 - 12 days` */
function duration(least: number | null, most: number | null, lang: Language): string | null {
  const days = [...new Set([least, most].filter((each) => each !== null))]
  const last = days.at(-1)
  if (last === undefined) return null
  if (days.length === 1 && lang === 1 && last <= 2 && last >= 1) return last === 1 ? 'يوم واحد' : 'يومان'
  return `${days.join(' - ')} ${unit(last, lang)}`
}

/** In Arabic three to ten take a plural, more the accusative singular. */
function unit(days: number, lang: Language): string {
  if (lang === 0) return days === 1 ? 'day' : 'days'
  return days <= 10 ? 'أيام' : 'يومًا'
}
