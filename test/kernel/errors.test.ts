import { expect, test } from '@jest/globals'
import { errorTable, GatewayError } from '../../src/kernel/errors.ts'

/** http://hl7.org/fhir/R4/valueset-issue-type.html */
const ISSUE_TYPES =
  'invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational'.split(
    ' ',
  )

test.each(Object.entries(errorTable))('%s has an HTTP status and a FHIR issue type', (_, { status, issue }) => {
  expect(status).toBeGreaterThanOrEqual(400)
  expect(ISSUE_TYPES).toContain(issue)
})

test('an error knows what the edge answers', () => {
  const error = new GatewayError('GW_NOT_STORABLE', 'There is no column for a second phone.', {
    expression: 'Patient.telecom[1]',
  })
  expect(error).toMatchObject({ status: 422, issue: 'business-rule', expression: 'Patient.telecom[1]' })
})
