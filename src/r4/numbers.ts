/** What numbers a search for a number text means: `5.4` is anything that rounds to it (R4 search.html#number). */

/** Half-open: `l` is in it, `h` is not. */
export interface NumberRange {
  readonly value: number
  readonly l: number
  readonly h: number
}

const pattern = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** Undefined when the text is no number, or one that no double can hold. */
export function numberRange(text: string): NumberRange | undefined {
  const match = pattern.exec(text)
  if (match === null || text.length > 60) return undefined
  const [, sign = '', whole = '', fraction = '', exponent] = match
  // The specification reads 1e2 as [95, 105): a lone figure before an exponent stands for two
  const figures = exponent !== undefined && whole.length === 1 && fraction === '' ? '0' : fraction
  const digits = BigInt(whole + figures) * 10n * (sign === '-' ? -1n : 1n)
  const power = Number(exponent ?? 0) - figures.length - 1
  const scaled = (amount: bigint): number => Number(`${amount}e${power}`)
  const value = Number(text)
  return Number.isFinite(value) ? { value, l: scaled(digits - 5n), h: scaled(digits + 5n) } : undefined
}
