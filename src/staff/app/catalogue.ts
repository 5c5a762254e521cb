/** The catalogues: all rows of one that the Permit shows. There are some hundred at most. */
import type { Row } from '../../mapping/lens.ts'
import { findMapped } from '../../store/mapped-rows.ts'
import type { Call } from './endpoint.ts'
import { textOf } from './second-opinions.ts'
import type { Language } from './words.ts'

const MOST = 2_000

export async function catalogueRows(
  { permit, store, source, deadline, trail }: Call,
  mapping: 'sop/review-type' | 'sop/disease-category',
): Promise<Row[]> {
  const found = await findMapped(store, permit, source.place(mapping), { limit: MOST }, deadline)
  trail?.saw(found)
  return found.map(({ row }) => row).sort(newestFirst)
}

/** Of rows without a time, or made at the same, the one with the smaller name first. */
function newestFirst(a: Row, b: Row): number {
  return timeOf(b) - timeOf(a)
}

function timeOf(row: Row): number {
  const value = row['created_date']
  if (value instanceof Date) return value.getTime()
  const text = textOf(row, 'created_date').trim()
  // As SQLite writes it, which is UTC
  const time = Date.parse(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(text) ? `${text.replace(' ', 'T')}Z` : text)
  return Number.isNaN(time) ? 0 : time
}

/** English where there is no Arabic, and the other way round. */
export function inLanguage(row: Row, english: string, arabic: string, language: Language): string | null {
  const [first, second] = language === 1 ? [arabic, english] : [english, arabic]
  return textOf(row, first) || textOf(row, second) || null
}
