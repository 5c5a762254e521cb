/** JSON as text, taken apart without reading its values: what is compared so is the same byte for byte. */

/** The members of an object as they are written, in their order. */
export function membersOf(text: string): [name: string, value: string][] {
  return partsOf(text).map((part) => {
    const end = stringEnd(part, 0)
    return [JSON.parse(part.slice(0, end)) as string, part.slice(end + 1)]
  })
}

export function memberOf(text: string, name: string): string | undefined {
  return membersOf(text).find(([each]) => each === name)?.[1]
}

/** The object without some of its members. */
export function withoutMembers(text: string, ...names: readonly string[]): string {
  const kept = membersOf(text).filter(([name]) => !names.includes(name))
  return `{${kept.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`
}

/** What stands between the commas of an object or list. */
export function partsOf(text: string): string[] {
  const parts: string[] = []
  let [start, depth] = [1, 0]
  for (let at = 1; at < text.length - 1; at++) {
    const character = text[at] as string
    if (character === '"') at = stringEnd(text, at) - 1
    else if ('{['.includes(character)) depth++
    else if ('}]'.includes(character)) depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return text.length > 2 ? [...parts, text.slice(start, -1)] : parts
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
