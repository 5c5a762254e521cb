/** How a reference to a resource of this server may be written (R4 references.html#literal): all of them find it. */

/** `Patient/1`, and with the base before it. */
export function spellingsOf(base: string, name: string): string[] {
  return [name, `${base}/${name}`]
}

/** The shorter spelling; what is not of this server stays as it is. */
export function withoutBase(base: string, text: string): string {
  return text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text
}
