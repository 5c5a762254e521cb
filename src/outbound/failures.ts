/** The two ways in which what is sent outwards fails: for good, or for now. Whatever else is thrown is for now too. */

/** It will never be taken: sent again, it would be refused again. The message names no address and nobody's data. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** Not taken now. */
export class LaterError extends Error {
  override readonly name = 'LaterError'
  /** seconds that the receiver asked for, if it did */
  readonly retryAfter: number | undefined

  constructor(message: string, retryAfter?: number, options?: ErrorOptions) {
    super(message, options)
    this.retryAfter = retryAfter
  }
}
