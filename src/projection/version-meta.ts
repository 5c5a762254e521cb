/** versionId and lastUpdated in the text of a resource: what a version has, and what is compared has not. */

const META = /^\{"resourceType":"[A-Za-z]+","id":"[A-Za-z0-9.-]+"(,"meta":\{)?/
const OWN =
  /^(\{"resourceType":"[A-Za-z]+","id":"[A-Za-z0-9.-]+")(,"meta":\{)"versionId":"\d+","lastUpdated":"[^"]+"([,}])/

/** Puts them first in `meta`, where R4 has them, without serialising again. */
export function withMeta(text: string, version: number, updated: Date): string {
  const [start = '', meta] = META.exec(text) ?? []
  const members = `"versionId":"${version}","lastUpdated":"${updated.toISOString()}"`
  const rest = text.slice(start.length)
  return meta === undefined ? `${start},"meta":{${members}}${rest}` : `${start}${members},${rest}`
}

/** As it was before; a `meta` that had nothing else goes with them. */
export function withoutMeta(body: string): string {
  return body.replace(OWN, (_, start: string, meta: string, next: string) => (next === ',' ? start + meta : start))
}
