/** A progress bar on standard error; where that is no terminal, a line now and then, and the last one. */
const WIDTH = 30
const EVERY = 5_000

export interface Progress {
  /** `what`: of which `unit`s */
  show(done: number, total: number, unit: string, what: string): void
  end(): void
}

export function progressBar(stream: NodeJS.WriteStream = process.stderr): Progress {
  let last = 0
  let shown = false
  let held = ''
  return {
    show(done, total, unit, what) {
      const part = total === 0 ? 1 : Math.min(1, done / total)
      const full = Math.round(part * WIDTH)
      const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`
      const line = `${bar}  ${done} of ${total} ${unit}  ${what}`
      held = line
      if (!stream.isTTY && Date.now() - last < EVERY) return
      last = Date.now()
      shown = true
      held = ''
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
    },
    end() {
      if (held !== '') stream.write(`${held}\n`)
      else if (shown && stream.isTTY) stream.write('\n')
    },
  }
}
