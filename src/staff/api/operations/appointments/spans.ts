/** Spans of time: what is open, without what is taken of it. */
import type { Span } from '../../clinic-time.ts'

/** Sorted, and none touches another. */
export function united(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of spans.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && span.from <= last.to) all[all.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else all.push(span)
  }
  return all
}

/** What is left of the first without any of the others. */
export function without(open: readonly Span[], taken: readonly Span[]): Span[] {
  const cuts = united(taken)
  return united(open).flatMap(({ from, to }) => {
    const left: Span[] = []
    let begin = from
    for (const cut of cuts.filter((each) => each.from < to && each.to > from)) {
      if (cut.from > begin) left.push({ from: begin, to: cut.from })
      begin = Math.max(begin, cut.to)
    }
    return begin < to ? [...left, { from: begin, to }] : left
  })
}
