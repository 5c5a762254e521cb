/** What the store keeps and indexes beside a resource so that it is found. */

export interface DateKey {
  /** parameter code */
  p: string
  /** half-open interval [l, h) */
  l: Date
  h: Date
}

export interface NumberKey {
  /** parameter code */
  p: string
  /** the value twice, or a range; ±Infinity when open */
  l: number
  h: number
  /** the second number of a composite that has two */
  l2?: number
  h2?: number
  /** longitude and latitude of a place; its latitude is `l` too */
  g?: [number, number]
  /** system, code and unit of a quantity */
  s?: string
  c?: string
  u?: string
}

export type SortKey = string | number | Date

export interface SearchKeys {
  /** Tokens, strings, references and URIs, as `text.ts` writes them; sorted, each once. */
  k: string[]
  d: DateKey[]
  n: NumberKey[]
  /** To sort by: the smallest value of each parameter, and under `-` and its code the largest, where that is another. */
  o: Record<string, SortKey>
  /** Of types that lists are made of: some of `k`, and the date that lists go by (src/r4/lists.ts). */
  s?: string[]
  w?: Date | null
  /** Of these types too: on which levels it is confidential, `R`, `V` or `RV`; most are on none (src/r4/labels.ts). */
  c?: string
}

/** How values of one FHIR type become keys of one parameter; `sibling` is the `_name` beside a primitive. */
export type Extractor = (parameter: string) => (value: unknown, sibling: unknown, keys: SearchKeys) => void

export function sortBy({ o }: SearchKeys, parameter: string, value: SortKey): void {
  const smallest = o[parameter]
  if (smallest === undefined) o[parameter] = value
  else if (value < smallest) {
    o[largestOf(parameter)] ??= smallest
    o[parameter] = value
  } else if (value > (o[largestOf(parameter)] ?? smallest)) o[largestOf(parameter)] = value
}

/** Where among the sort keys the largest of several values stands. */
export function largestOf(parameter: string): string {
  return `-${parameter}`
}

/** A property of something that ought to be an object, when it is a text. */
export function textOf(object: unknown, property: string): string | undefined {
  const value: unknown = (object as Record<string, unknown> | undefined)?.[property]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function listOf(object: unknown, property: string): readonly unknown[] {
  const value: unknown = (object as Record<string, unknown> | undefined)?.[property]
  return Array.isArray(value) ? value : []
}
