/** What can go wrong with a mapping: its file, a row it cannot read, a value its columns cannot hold. */

/** A mistake in a file under `mappings/`: shown as `file:line: sentence`. */
export class MappingFileError extends Error {
  override readonly name = 'MappingFileError'
  readonly file: string
  readonly line: number
  constructor(file: string, line: number, message: string) {
    super(message)
    this.file = file
    this.line = line
  }
}

/** Thrown by a codec: this stored value cannot be read. The engine adds mapping and rule. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
}

/** A row that a mapping cannot read: kept as a problem, retried when row or mapping changes. Holds no stored value. */
export class MappingProblem extends Error {
  override readonly name = 'MappingProblem'
  readonly mapping: string
  readonly rule: string
  constructor(mapping: string, rule: string, reason: string) {
    super(reason)
    this.mapping = mapping
    this.rule = rule
  }
}

/** What a column or code table cannot hold: 422 with the element's path and what is allowed. */
export class NotStorableError extends Error {
  override readonly name = 'NotStorableError'
  readonly path: string
  readonly allowed: readonly string[]
  /** which column cannot hold it, where that is one */
  readonly column: string | undefined
  constructor(message: string, options: { path?: string; allowed?: readonly string[]; column?: string } = {}) {
    super(message)
    this.path = options.path ?? ''
    this.allowed = options.allowed ?? []
    this.column = options.column
  }
}

/** A column goes from one word to another that does not follow it (`transitions`). */
export class NotNextError extends NotStorableError {}
