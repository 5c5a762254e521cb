/**
 * Headers that a receiver wants to be called with. Most are secrets, so all are kept sealed and none is given out: what is
 * shown is their names.
 */
import type { Seals } from '../../seal/seals.ts'
import { placeOfHeader } from '../../store/subscriptions.ts'
import { refused } from './refused.ts'

/** Instead of the value. Sent back, it stands for the value there is. */
const HIDDEN = '(kept sealed)'
const AT = 'Subscription.channel.header'
const MOST = 20
/** RFC 9110 §5.6.2 and §5.5 */
const LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?)[ \t]*$/
/** Said by whoever sends, or about one connection only */
const OWN = new Set([
  ...['host', 'content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive'],
  ...['upgrade', 'te', 'trailer', 'expect', 'proxy-authorization', 'proxy-connection', 'idempotency-key'],
])

interface Header {
  readonly name: string
  readonly value: string
}

export function shownHeaders(lines: readonly string[]): string[] {
  return lines.map((line, index) => `${headerIn(line, index).name}: ${HIDDEN}`)
}

/** `before`: the sealed ones there are, of which those that are sent back hidden stay. */
export function sealedHeaders(
  seals: Seals,
  record: string,
  lines: readonly string[],
  before: readonly string[],
): string[] {
  if (lines.length > MOST) throw refused(AT, `There are more than ${MOST} headers.`)
  return lines.map((line, index) => {
    const { name, value } = headerIn(line, index)
    if (value !== HIDDEN) return seals.seal(placeOfHeader(record), `${name}: ${value}`)
    const kept = before.find((sealed) => nameIn(seals.open(placeOfHeader(record), sealed)) === name.toLowerCase())
    if (kept !== undefined) return kept
    throw refused(`${AT}[${index}]`, `The value of ${name} is not known: send it.`)
  })
}

/** As they are sent. */
export function openedHeaders(seals: Seals, record: string, sealed: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    sealed.map((each, index) => {
      const { name, value } = headerIn(seals.open(placeOfHeader(record), each), index)
      return [name, value]
    }),
  )
}

function headerIn(line: string, index: number): Header {
  const [, name = '', value = ''] = LINE.exec(line) ?? []
  if (name === '') throw refused(`${AT}[${index}]`, 'A header is a name and a value: "Authorization: Bearer …".')
  if (OWN.has(name.toLowerCase()))
    throw refused(`${AT}[${index}]`, `${name} is said by the gateway itself: leave it out.`)
  return { name, value }
}

function nameIn(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase()
}
