/**
 * Lines of lists. What is written once is looked at many times, so a line is kept for the version that it was made of, with
 * the names it asked for: it is made again when one of these is another. Nothing is found here: who asks has found each by
 * a search of their own, which tells its version. What is sealed is not kept.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { FoundPage } from '../../http/answer.ts'
import type { Stored } from '../../store/raw.ts'
import { Kept } from './kept.ts'
import type { NamesOf } from './plain.ts'
import { nameIn, namesIn } from './plain.ts'
import { resourceIn } from './records.ts'

/** Bytes of the texts that what is kept was made of; a line is shorter. */
const MOST_LINES = 32 << 20
const MOST_NAMES = 50_000

interface Line {
  readonly shown: object
  readonly asked: readonly (readonly [reference: string, name: string | undefined])[]
}

type View<T extends Resource, Shown extends object> = (resource: T, names: NamesOf) => Shown

export class Lines {
  readonly #lines = new Kept<Line>(MOST_LINES)
  readonly #names = new Kept<string | null>(MOST_NAMES)

  /** `list`: of what; a resource may have a line in several lists. */
  of<T extends Resource, Shown extends object>(
    list: string,
    { matches, included }: Pick<FoundPage, 'matches' | 'included'>,
    view: View<T, Shown>,
  ): Shown[] {
    if ([...matches, ...included].some(({ wasSealed }) => wasSealed)) {
      const names = namesIn(included.map(resourceIn))
      return matches.map((stored) => view(resourceIn(stored) as T, names))
    }
    const names = this.#namesIn(included)
    return matches.map((stored) => this.#lineOf(`${list} ${stored._id}`, stored, names, view as View<Resource, Shown>))
  }

  #lineOf<Shown extends object>(key: string, stored: Stored, names: NamesOf, view: View<Resource, Shown>): Shown {
    const known = this.#lines.get(key, stored)
    if (known?.asked.every(([reference, name]) => names(reference) === name)) return known.shown as Shown
    const asked: [string, string | undefined][] = []
    const noted: NamesOf = (reference) => {
      const name = names(reference)
      if (reference !== undefined) asked.push([reference, name])
      return name
    }
    const shown = Object.freeze(view(resourceIn(stored), noted))
    this.#lines.set(key, stored, { shown, asked }, stored.body.length)
    return shown
  }

  #namesIn(included: readonly Stored[]): NamesOf {
    const names = new Map(included.map((stored) => [referenceTo(stored), this.#nameOf(stored)]))
    return (reference) => (reference === undefined ? undefined : (names.get(reference) ?? undefined))
  }

  /** null: it has none */
  #nameOf(stored: Stored): string | null {
    const known = this.#names.get(stored._id, stored)
    if (known !== undefined) return known
    const name = nameIn(resourceIn(stored)) ?? null
    this.#names.set(stored._id, stored, name, 1)
    return name
  }
}

/** `Patient/1` of `<tenant>/Patient/1` */
function referenceTo({ _id }: Stored): string {
  return _id.slice(_id.indexOf('/') + 1)
}
