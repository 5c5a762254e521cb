/**
 * Links of a resource to others, wherever R4 lets them stand (http.html#trules): references, elements of type uri and
 * url, `href` and `src` of the narrative. A canonical is no link: it names what it means for ever. R4 names oid and uuid
 * too, but neither can hold `Patient/1`: the resource would not be valid any more.
 */
import { planOf } from './structure-plan.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** What stands in the place of a link. */
type Change = (link: string) => string

const TYPES = new Set(['uri', 'url'])
const ATTRIBUTE = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')/g

export function linksIn(resource: unknown): string[] {
  const links: string[] = []
  changeLinks(resource, (link) => {
    links.push(link)
    return link
  })
  return links
}

/** A copy, as far as something changes. */
export function changeLinks(resource: unknown, change: Change): unknown {
  return inResource(resource, 'Resource', change)
}

function inResource(value: unknown, type: string, change: Change): unknown {
  if (!isObject(value)) return value
  const { resourceType } = value
  return inObject(value, type === 'Resource' && typeof resourceType === 'string' ? resourceType : type, change)
}

function inObject(object: JsonObject, type: string, change: Change): JsonObject {
  const { members } = planOf(type)
  let copy: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(object)) {
    const member = members.get(name)
    if (!member) continue
    const inner = member.sibling ? 'Element' : member.type
    const isLink = TYPES.has(member.type) || (type === 'Reference' && name === 'reference')
    const each = (item: unknown): unknown =>
      typeof item === 'string' ? inText(item, isLink, member.type, change) : inResource(item, inner, change)
    const changed = Array.isArray(value) ? inList(value, each) : each(value)
    if (changed !== value) (copy ??= { ...object })[name] = changed
  }
  return copy ?? object
}

function inList(list: readonly unknown[], each: (item: unknown) => unknown): unknown {
  const changed = list.map(each)
  return changed.some((item, index) => item !== list[index]) ? changed : list
}

function inText(text: string, isLink: boolean, type: string, change: Change): string {
  if (isLink) return change(text)
  if (type !== 'xhtml') return text
  return text.replace(ATTRIBUTE, (whole: string, start: string, quoted: string) => {
    const link = quoted.slice(1, -1).replaceAll('&amp;', '&')
    const other = change(link)
    return other === link ? whole : `${start}"${other.replaceAll('&', '&amp;')}"`
  })
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
