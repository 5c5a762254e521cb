/**
 * Ctrl-C and SIGTERM ask for a clean end; asked again, the program ends at once.
 *
 * Under `npm start` one Ctrl-C arrives twice, from the terminal and from npm: what comes within a second is the same.
 */
const SAME = 1_000

export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  let asked = Infinity
  const onSignal = () => {
    if (performance.now() - asked > SAME) process.exit(130)
    asked = Math.min(asked, performance.now())
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return stop.signal
}
