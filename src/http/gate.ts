/** Heavy requests take turns: so many at once, so many waiting, no more (429), so that light ones stay quick. */
import type { Deadline } from '../kernel/deadline.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'

export class Gate {
  readonly #limits: Pick<Limits, 'heavyAtOnce' | 'heavyWaiting'>
  readonly #waiting = new Set<() => void>()
  #atWork = 0

  constructor(limits: Pick<Limits, 'heavyAtOnce' | 'heavyWaiting'>) {
    this.#limits = limits
  }

  async run<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
    if (this.#atWork >= this.#limits.heavyAtOnce) await this.#turn(deadline)
    else this.#atWork++
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Whoever waits takes the place of one that is done: the number at work stays. */
  #turn({ signal }: Deadline): Promise<void> {
    if (this.#waiting.size >= this.#limits.heavyWaiting) throw busy()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter)
        reject(busy())
      }
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.add(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    const [first] = this.#waiting
    if (!first) {
      this.#atWork--
      return
    }
    this.#waiting.delete(first)
    first()
  }
}

function busy(): GatewayError {
  return new GatewayError('GW_BUSY', 'Too many heavy requests are at work: try again in a moment.')
}
