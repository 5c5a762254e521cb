/** The same choices for the same seed. */
export interface Random {
  /** from 0 up to and without `end` */
  below(end: number): number
  of<T>(list: readonly T[]): T
}

/** mulberry32 (public domain): short, and good enough to choose by. */
export function randomOf(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return { below, of: <T>(list: readonly T[]): T => list[below(list.length)] as T }
}
