/** How a reference to a resource of this server may be written (R4 references.html#literal): all of them find it. */
import { uriKey } from '../../r4/keys/text.ts'
import type { KeyRange } from '../../store/search-reader.ts'

/** `Patient/1`, and with the base before it. */
export function spellingsOf(base: string, name: string): string[] {
  return [name, `${base}/${name}`]
}

/** The shorter spelling; what is not of this server stays as it is. */
export function withoutBase(base: string, text: string): string {
  return text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text
}

/** The keys of all references to the type. `0` comes after `/`. */
export function rangesOf(base: string, code: string, type: string): KeyRange[] {
  return spellingsOf(base, type).map((each) => [uriKey(code, `${each}/`), uriKey(code, `${each}0`)])
}
