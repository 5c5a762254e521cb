/**
 * Something that is given up after a while. The timer ends with it: one of `AbortSignal.timeout` stays, with all that waits
 * for its signal, until its time is over.
 */
export async function timeLimited<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new DOMException('It took too long.', 'TimeoutError')), milliseconds)
  const end = (): void => limit.abort(outer?.reason)
  if (outer?.aborted === true) end()
  outer?.addEventListener('abort', end, { once: true })
  try {
    return await work(limit.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', end)
  }
}
