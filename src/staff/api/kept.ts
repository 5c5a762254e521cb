/** What was made of resources, kept while they are the version that it was made of; what was not asked for lately goes. */
import type { Stored } from '../../store/raw.ts'

interface Entry<T> {
  readonly v: number
  readonly u: number
  readonly size: number
  readonly made: T
}

export class Kept<T> {
  readonly #most: number
  /** asked for since it became empty */
  #young = new Map<string, Entry<T>>()
  /** what was young before */
  #old = new Map<string, Entry<T>>()
  #size = 0

  /** `most`: of all sizes together that were asked for lately */
  constructor(most: number) {
    this.#most = most / 2
  }

  /** Undefined where nothing was made of this version. */
  get(name: string, { v, u }: Pick<Stored, 'v' | 'u'>): T | undefined {
    const young = this.#young.get(name)
    const entry = young ?? this.#old.get(name)
    if (entry?.v !== v || entry.u !== u.getTime()) return undefined
    if (!young) this.#put(name, entry)
    return entry.made
  }

  set(name: string, { v, u }: Pick<Stored, 'v' | 'u'>, made: T, size: number): void {
    this.#put(name, { v, u: u.getTime(), size, made })
  }

  #put(name: string, entry: Entry<T>): void {
    if (this.#size + entry.size > this.#most) {
      this.#old = this.#young
      this.#young = new Map()
      this.#size = 0
    }
    this.#young.set(name, entry)
    this.#size += entry.size
  }
}
