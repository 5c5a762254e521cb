/**
 * Until when a request must be answered. Queries carry it twice: `left` as the time MongoDB gives them, and `signal`, a
 * little later, for a server that does not even say that the time is over. A client that goes away ends it at once.
 */
const GRACE = 500

export class Deadline {
  readonly #end: number
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(milliseconds: number) {
    this.#end = performance.now() + milliseconds
  }

  /** Milliseconds, whole and at least one: MongoDB takes 0 for no limit. */
  get left(): number {
    return Math.max(1, Math.ceil(this.#end - performance.now()))
  }

  get isOver(): boolean {
    return this.#isOver || performance.now() >= this.#end
  }

  /** Made when it is first asked for: most requests are done without. */
  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.#isOver) controller.abort(late())
    else this.#timer = setTimeout(() => controller.abort(late()), this.left + GRACE).unref()
    return controller.signal
  }

  /** The request is answered, or nobody waits for the answer any more: then what is at work ends. */
  close(isAbandoned = false): void {
    clearTimeout(this.#timer)
    if (!isAbandoned) return
    this.#isOver = true
    this.#controller?.abort(late())
  }
}

function late(): DOMException {
  return new DOMException('The database did not answer in time.', 'TimeoutError')
}
