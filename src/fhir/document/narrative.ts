/** Narratives that the gateway writes (R4 narrative.html): well-formed XHTML in which every word of the data is escaped. */
import type { Narrative } from '@medplum/fhirtypes'

export type Language = 'en' | 'ar'

/** XML has no place for them, whatever stands before (XML 1.0 §2.2). */
const NO_CHARACTERS = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const MARK_UP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** `parts`: XHTML of `paragraph` and `table`. */
export function narrative(language: Language, parts: readonly string[]): Narrative {
  const direction = language === 'ar' ? ' dir="rtl"' : ''
  const start = `<div xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}"${direction}>`
  return { status: 'generated', div: `${start}${parts.join('')}</div>` }
}

export function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`
}

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings.map((each) => `<th>${escaped(each)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function escaped(text: string): string {
  return text.replace(NO_CHARACTERS, '').replace(/[&<>"]/g, (mark) => MARK_UP[mark] as string)
}
