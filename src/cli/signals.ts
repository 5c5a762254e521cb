/**
 * Ctrl-C and SIGTERM ask for a clean end; asked again, the program ends at once. So it does when the clean end takes too long:
 * whoever says goodbye to a MongoDB or Redis that is away waits for ever, and what was committed is safe (kill -9 is, too).
 *
 * Under `npm start` one Ctrl-C arrives twice, from the terminal and from npm: what comes within a second is the same.
 *
 * When nobody reads any more what it says (`npm start | head`), that asks for a clean end, too.
 */
import { heedOutput } from '../kernel/output.ts'

const SAME = 1_000
const PATIENCE = 15_000

export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  let asked = Infinity
  const ask = () => {
    if (asked === Infinity) setTimeout(endAnyway, PATIENCE).unref()
    asked = Math.min(asked, performance.now())
    stop.abort()
  }
  const onSignal = () => {
    if (performance.now() - asked > SAME) process.exit(130)
    ask()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  heedOutput(ask)
  return stop.signal
}

function endAnyway(): void {
  process.stderr.write(
    'The clean end took too long, as when MongoDB or Redis is away: ended without it; nothing is lost.\n',
  )
  process.exit(1)
}
