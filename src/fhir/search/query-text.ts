/** The values of a search as text: commas, bars and their escapes (R4 search.html#escaping). */

/** Values are separated by commas; `\,` is a comma within one (R4 search.html#escaping). */
export function splitValues(value: string): string[] {
  return value.split(/(?<!(?:^|[^\\])(?:\\\\)*\\),/)
}

/** Splits at unescaped bars and takes the escapes out. */
export function splitBars(value: string): string[] {
  return value.split(/(?<!(?:^|[^\\])(?:\\\\)*\\)\|/).map(unescape)
}

/** The parts of a composite, with their escapes. */
export function splitDollars(value: string): string[] {
  return value.split(/(?<!(?:^|[^\\])(?:\\\\)*\\)\$/)
}

export function unescape(value: string): string {
  return value.replace(/\\([\\,|$])/g, '$1')
}

/** As it stands in the self link. */
export function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%2C', ',')
}

export function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%3A', ':')
}
