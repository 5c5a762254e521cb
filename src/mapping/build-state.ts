/** What travels along while one resource is built: the codec context, and which rule is at work (for problems). */
import type { Cells } from './cells.ts'
import type { CodecContext } from './codec.ts'
import type { LensContext, Part, Rows } from './lens.ts'

export interface BuildState extends CodecContext {
  readonly context: LensContext
  readonly part: Part
  /** text of the rule being read, named by problems and warnings */
  rule: string
  /** the rows that `cells` were read from */
  rows: Rows | undefined
  cells: Cells
  /** the value a `[]` step stands at */
  item: unknown
}

export function buildState(mapping: string, part: Part, context: LensContext): BuildState {
  const state: BuildState = {
    base: context.base,
    timeZone: context.timeZone,
    storedLinks: context.storedLinks,
    id: part.id,
    context,
    part,
    rule: '',
    rows: undefined,
    cells: [],
    item: undefined,
    warn: (reason) => context.warn({ mapping, rule: state.rule, reason }),
  }
  return state
}
