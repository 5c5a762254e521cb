/**
 * Is this text the XHTML that a Narrative may hold: one `div`, basic formatting, no script, no event attributes, nothing
 * that loads or runs elsewhere (R4 narrative.html; invariants txt-1 and txt-2). Programs show it as it is.
 *
 * Only the mark-up is read: a tag at a time, with a stack of the open ones.
 */
const elements = new Set(
  (
    'a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 ' +
    'h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'
  ).split(' '),
)
const attributes = new Set(
  (
    'abbr accesskey align alt axis border cellpadding cellspacing char charoff charset cite class colspan coords dir ' +
    'frame headers height href hreflang id idref ismap lang longdesc name nohref rel rev rowspan rules scope shape span ' +
    'src style summary tabindex title type usemap valign width xml:lang xmlns xml:space'
  ).split(' '),
)
const addresses = new Set(['cite', 'href', 'longdesc', 'src', 'usemap'])

const tag = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const safeAddress =
  /^(?:https?:|ftp:|mailto:|tel:|urn:(?:uuid|oid):|data:\s*image\/(?:png|jpeg|gif|webp);|#|[^:&]*(?:[/?#]|$))/i
/** A style may paint with what lies inside or beside the resource; it fetches nothing from elsewhere and runs nothing. */
const activeStyle = /url\s*\((?!\s*['"]?(?:data:\s*image\/|(?!\/\/)[^:)]*\)))|expression|@import|\\|&#/i
const xhtmlSpace = 'http://www.w3.org/1999/xhtml'

const notOneDiv = 'A narrative must be one div with everything in it.'
const malformed = 'The narrative must be well-formed XHTML, without instructions and declarations.'

interface Reader {
  readonly text: string
  at: number
  readonly open: string[]
  hasContent: boolean
  ended: boolean
}

/** One sentence, or undefined when the text may stand in a Narrative. */
export function narrativeProblem(text: string): string | undefined {
  const reader: Reader = { text, at: 0, open: [], hasContent: false, ended: false }
  while (reader.at < text.length) {
    const reason = readWords(reader) ?? readMarkUp(reader)
    if (reason !== undefined) return reason
  }
  if (!reader.ended) return malformed
  return reader.hasContent ? undefined : 'A narrative must have content, not mark-up alone.'
}

function readWords(reader: Reader): string | undefined {
  const { text, at, open } = reader
  const next = text.indexOf('<', at)
  reader.at = next < 0 ? text.length : next
  if (text.slice(at, reader.at).trim() === '') return undefined
  reader.hasContent = true
  return open.length === 0 ? notOneDiv : undefined
}

function readMarkUp(reader: Reader): string | undefined {
  const { text, at, open } = reader
  if (at === text.length) return undefined
  if (text.startsWith('<!--', at)) return readComment(reader)
  tag.lastIndex = at
  const match = tag.exec(text)
  if (match === null) return malformed
  if (reader.ended) return notOneDiv
  reader.at = tag.lastIndex
  const [, closing, name = '', list = '', single] = match
  reader.hasContent ||= name === 'img'
  const reason = closing === '/' ? closingProblem(open, name, list) : openingProblem(open, name, list)
  if (closing === '' && single === '') open.push(name)
  reader.ended = open.length === 0
  return reason
}

function closingProblem(open: string[], name: string, list: string): string | undefined {
  return open.pop() === name && list === '' ? undefined : malformed
}

/** XML and HTML must agree on where a comment ends: HTML ends one at once that begins with `>` or `->`. */
function readComment(reader: Reader): string | undefined {
  const { text, at } = reader
  const start = at + '<!--'.length
  const end = text.indexOf('--', start)
  if (end < 0 || text[end + 2] !== '>' || text[start] === '>' || text.startsWith('->', start)) return malformed
  reader.at = end + '-->'.length
  return undefined
}

function openingProblem(open: readonly string[], name: string, list: string): string | undefined {
  if (open.length === 0 && name !== 'div') return notOneDiv
  if (!elements.has(name)) return `A narrative must not have the element ${name}.`
  let namespace = open.length === 0 ? undefined : xhtmlSpace
  for (const [, key = '', double, single = ''] of list.matchAll(attribute)) {
    const value = double ?? single
    const reason = attributeProblem(key, value)
    if (reason !== undefined) return reason
    if (key === 'xmlns') namespace = value
  }
  return namespace === xhtmlSpace ? undefined : `The div of a narrative must be in the namespace ${xhtmlSpace}.`
}

function attributeProblem(key: string, value: string): string | undefined {
  if (!attributes.has(key)) return `A narrative must not have the attribute ${key}.`
  if (addresses.has(key) && !safeAddress.test(value.trim())) return `A narrative must not have this ${key}.`
  if (key !== 'style' || !activeStyle.test(value)) return undefined
  return 'A style in a narrative must not fetch or run anything.'
}
