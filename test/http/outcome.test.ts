import { expect, test } from '@jest/globals'
import { MongoNetworkError, MongoServerError } from 'mongodb'
import { errorAnswer, isDefect } from '../../src/http/outcome.ts'
import { GatewayError } from '../../src/kernel/errors.ts'

function issueOf(error: unknown): { code: string; diagnostics: string; expression?: string[] } {
  const outcome = JSON.parse(errorAnswer(error).body) as { issue: [ReturnType<typeof issueOf>] }
  return outcome.issue[0]
}

test('an error of ours is said in its own sentence, with status, issue type and element', () => {
  const error = new GatewayError('GW_NOT_STORABLE', 'There is no column for it.', { expression: 'Patient.photo' })
  expect(errorAnswer(error)).toMatchObject({ status: 422 })
  expect(issueOf(error)).toEqual({
    severity: 'error',
    code: 'business-rule',
    diagnostics: 'There is no column for it.',
    expression: ['Patient.photo'],
  })
  expect(isDefect(error)).toBe(false)
})

test('a database that is away is worth another try', () => {
  const cut = new MongoNetworkError('connection to Alice:27017 closed')
  const late = Object.assign(new Error('aborted due to timeout'), { name: 'TimeoutError' })
  for (const error of [cut, late, new MongoServerError({ code: 91, message: 'Alice' })]) {
    expect(errorAnswer(error)).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
    expect(issueOf(error).code).toBe('transient')
  }
})

test('a query that takes longer than its request may is said to, and not to be tried again as it is', () => {
  const answer = errorAnswer(new MongoServerError({ code: 50, message: 'Alice' }))
  expect(answer).toMatchObject({ status: 504, headers: {} })
  expect(answer.headers).not.toHaveProperty('Retry-After')
  expect(issueOf(new MongoServerError({ code: 50, message: 'Alice' })).code).toBe('timeout')
})

test('a defect says nothing of what it met', () => {
  for (const error of [
    new TypeError('Alice is undefined'),
    new MongoServerError({ code: 2, message: 'Alice' }),
    'Alice',
  ]) {
    expect(errorAnswer(error).status).toBe(500)
    expect(errorAnswer(error).body).not.toContain('Alice')
    expect(isDefect(error)).toBe(true)
  }
})
