import { describe, expect, test } from '@jest/globals'
import { LaterError, RefusedError } from '../../src/outbound/failures.ts'
import { assertTaken } from '../../src/outbound/taken.ts'

function failure(status: number, retryAfter?: string): unknown {
  try {
    assertTaken({ status, headers: { ...(retryAfter !== undefined && { 'retry-after': retryAfter }) } })
    return undefined
  } catch (error) {
    return error
  }
}

describe('what an answer says of what was sent', () => {
  test.each([200, 202, 204])('%i: taken', (status) => {
    expect(failure(status)).toBeUndefined()
  })

  test.each([408, 425, 429, 500, 502, 503, 504])('%i: later', (status) => {
    expect(failure(status)).toBeInstanceOf(LaterError)
  })

  test.each([301, 302, 307, 400, 401, 403, 404, 410, 413, 422])('%i: refused', (status) => {
    expect(failure(status)).toBeInstanceOf(RefusedError)
  })

  test('seconds to wait are kept, a day at the most', () => {
    expect(failure(503, '120')).toMatchObject({ retryAfter: 120 })
    expect(failure(429, '999999')).toMatchObject({ retryAfter: 86_400 })
    expect(failure(503, 'soon')).toMatchObject({ retryAfter: undefined })
    expect(failure(503)).toMatchObject({ retryAfter: undefined })
  })

  test('so is a date', () => {
    const { retryAfter } = failure(503, new Date(Date.now() + 90_000).toUTCString()) as LaterError
    expect(retryAfter).toBeGreaterThan(80)
    expect(retryAfter).toBeLessThanOrEqual(90)
    expect(failure(503, 'Wed, 21 Oct 2015 07:28:00 GMT')).toMatchObject({ retryAfter: 0 })
  })
})
