/** The strings in a JSON text as JSON.stringify writes it, each with the path to it; nothing else of it is read. */

export interface TextString {
  /** `identifier[1].value` */
  readonly path: string
  /** between the quotation marks, as it is written */
  readonly raw: string
  /** of the quotation marks */
  readonly start: number
  readonly end: number
  /** a tab stands before it */
  readonly isMarked: boolean
  value(): string
}

/** What is open around a place: an object at one of its members, or a list at one of its items. */
interface Open {
  name: string
  /** undefined: it is an object */
  index: number | undefined
}

export function* stringsIn(text: string): Generator<TextString> {
  const open: Open[] = []
  let isName = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character !== '"') {
      isName = step(open, character) ?? isName
      continue
    }
    const end = endOfString(text, at)
    const around = open.at(-1)
    if (isName && around) around.name = text.slice(at + 1, end - 1)
    else yield stringAt(text, open, at, end)
    isName = false
    at = end - 1
  }
}

/** What the character opens, closes or leaves behind. Is a name next? Undefined: it says nothing of that. */
function step(open: Open[], character: string): boolean | undefined {
  const around = open.at(-1)
  if (character === '{' || character === '[') {
    open.push({ name: '', index: character === '[' ? 0 : undefined })
    return character === '{'
  }
  if (character === '}' || character === ']') open.pop()
  if (character !== ',') return undefined
  if (around?.index !== undefined) around.index++
  return around?.index === undefined
}

function stringAt(text: string, open: readonly Open[], start: number, end: number): TextString {
  return {
    path: open
      .map(({ name, index }) => (index === undefined ? `.${name}` : `[${index}]`))
      .join('')
      .slice(1),
    raw: text.slice(start + 1, end - 1),
    ...{ start, end, isMarked: text[start - 1] === '\t' },
    value: () => JSON.parse(text.slice(start, end)) as string,
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  for (; text[at] !== '"'; at++) if (text[at] === '\\') at++
  return at + 1
}
