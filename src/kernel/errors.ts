/**
 * Every error the gateway means to show, in one table: stable code → HTTP status and FHIR issue type.
 *
 * What a user sees is the message: one sentence, never a stored value. http/ and cli/ translate once, at the edge.
 */
export const errorTable = {
  GW_BAD_REQUEST: { status: 400, issue: 'invalid' },
  GW_UNKNOWN_PARAMETER: { status: 400, issue: 'not-supported' },
  GW_INVALID_RESOURCE: { status: 400, issue: 'structure' },
  GW_INVALID_JSON: { status: 400, issue: 'structure' },
  GW_UNAUTHENTICATED: { status: 401, issue: 'login', challenge: 'Bearer' },
  GW_INVALID_TOKEN: { status: 401, issue: 'login', challenge: 'Bearer error="invalid_token"' },
  GW_FORBIDDEN: { status: 403, issue: 'forbidden' },
  GW_INSUFFICIENT_SCOPE: { status: 403, issue: 'forbidden', challenge: 'Bearer error="insufficient_scope"' },
  GW_NOT_FOUND: { status: 404, issue: 'not-found' },
  GW_NOT_ALLOWED: { status: 405, issue: 'not-supported' },
  GW_NOT_ACCEPTABLE: { status: 406, issue: 'not-supported' },
  GW_SLOW_REQUEST: { status: 408, issue: 'timeout' },
  GW_CONFLICT: { status: 409, issue: 'conflict' },
  GW_GONE: { status: 410, issue: 'deleted' },
  GW_EXPIRED: { status: 410, issue: 'processing' },
  GW_PRECONDITION: { status: 412, issue: 'conflict' },
  GW_TOO_LARGE: { status: 413, issue: 'too-costly' },
  GW_URL_TOO_LONG: { status: 414, issue: 'too-long' },
  GW_MEDIA_TYPE: { status: 415, issue: 'not-supported' },
  GW_MISDIRECTED: { status: 421, issue: 'not-found' },
  GW_NOT_STORABLE: { status: 422, issue: 'business-rule' },
  GW_TOO_COSTLY: { status: 422, issue: 'too-costly' },
  GW_UNPROCESSABLE: { status: 422, issue: 'processing' },
  GW_BUSY: { status: 429, issue: 'throttled' },
  GW_HEADERS_TOO_LONG: { status: 431, issue: 'too-long' },
  GW_INTERNAL: { status: 500, issue: 'exception' },
  GW_BUILDING: { status: 503, issue: 'transient' },
  GW_SEALED: { status: 503, issue: 'security' },
  GW_UNAVAILABLE: { status: 503, issue: 'transient' },
  GW_TIMEOUT: { status: 504, issue: 'timeout' },
} as const

export type ErrorCode = keyof typeof errorTable

/** One of several things that are wrong. */
export interface Issue {
  /** FHIR issue type */
  readonly code: string
  readonly message: string
  readonly expression?: string
}

interface GatewayErrorOptions {
  readonly expression?: string
  readonly allow?: string
  readonly first?: string
  readonly retryAfter?: number
  readonly cause?: unknown
  readonly issues?: readonly Issue[]
}

export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  /** FHIRPath of the element it is about, when there is one */
  readonly expression: string | undefined
  /** where more than one thing is wrong: all of them, the message's first */
  readonly issues: readonly Issue[]
  /** of a 405: the methods that are possible */
  readonly allow: string | undefined
  /** where to start again */
  readonly first: string | undefined
  /** seconds until it is worth another try */
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.expression = options.expression
    this.allow = options.allow
    this.first = options.first
    this.retryAfter = options.retryAfter
    this.issues = options.issues ?? []
  }

  get status(): number {
    return errorTable[this.code].status
  }

  get issue(): string {
    return errorTable[this.code].issue
  }

  /** RFC 6750 §3: what the token lacks */
  get challenge(): string | undefined {
    const entry = errorTable[this.code]
    return 'challenge' in entry ? entry.challenge : undefined
  }
}

/** The program cannot start or a command cannot run: one sentence with the way out, exit status 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
