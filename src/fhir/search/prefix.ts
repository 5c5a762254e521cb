/** The prefixes of ordered values: `ge2025-01-01` (R4 search.html#prefix). */
export const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const
export type Prefix = (typeof PREFIXES)[number]

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+-])/

export function splitPrefix(value: string): { prefix: Prefix; rest: string } {
  const prefix = PREFIX.exec(value)?.[1] as Prefix | undefined
  return prefix ? { prefix, rest: value.slice(2) } : { prefix: 'eq', rest: value }
}
