/**
 * Whether something may still be done that was allowed for a while. A program that was frozen does not notice: its timers
 * fire after whatever it has in hand. So the clocks are asked just before it is done, and both of them: one does not go on
 * while the machine sleeps, the other may be set back.
 */
export function lasting(
  milliseconds: number,
  clocks: readonly (() => number)[] = [() => performance.now(), Date.now],
): () => boolean {
  const begun = clocks.map((now) => now())
  return () => clocks.every((now, at) => now() - (begun[at] ?? 0) < milliseconds)
}
