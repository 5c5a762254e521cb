/** Validation of what is written, as the tenant's policy wants it: refused, or written with what was found beside it. */
import type { Resource } from '@medplum/fhirtypes'
import type { OutcomeIssue } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import { validationFindings } from '../kernel/metrics.ts'
import type { ValidationPolicies, ValidationPolicy } from '../kernel/validation-policy.ts'
import { usualPolicies } from '../kernel/validation-policy.ts'
import type { Finding } from '../r4/validation/finding.ts'
import { isError } from '../r4/validation/finding.ts'
import type { FhirContext } from './context.ts'

export interface ValidationContext extends Pick<FhirContext, 'validator' | 'validation'> {
  readonly request: Pick<FhirContext['request'], 'tenant'>
}

/** What was found in a resource that is being written all the same, until its answer is made. */
const remarks = new WeakMap<Resource, readonly Finding[]>()

export function policyOf({ validation, request }: ValidationContext): ValidationPolicy {
  const { usual, tenants }: ValidationPolicies = validation ?? usualPolicies
  return tenants.get(request.tenant) ?? usual
}

/**
 * Of a resource whose structure is right. Throws 422 with everything that the policy refuses. `place`: where the resource
 * stands in what was sent, `Bundle.entry[0].resource`.
 */
export function assertValid(context: ValidationContext, resource: Resource, place?: string): void {
  const policy = policyOf(context)
  const { validator } = context
  const found = [
    ...(policy.invariants === 'off' ? [] : validator.invariants(resource)),
    ...(policy.profiles === 'off' ? [] : validator.profiles(resource)),
  ]
  if (found.length === 0) return
  const refused = found.filter((each) => isError(each) && isRefused(policy, each))
  for (const each of found) {
    const action = refused.includes(each) ? 'refuse' : 'warn'
    validationFindings.inc({ aspect: each.aspect, severity: each.severity, action })
  }
  const [first] = refused
  if (!first) {
    remarks.set(resource, found)
    return
  }
  const issues = refused.map((each) => ({ ...each, expression: placed(each.expression, resource, place) }))
  throw new GatewayError('GW_UNPROCESSABLE', first.message, { issues })
}

function placed(expression: string, { resourceType }: Resource, place: string | undefined): string {
  return place === undefined ? expression : place + expression.slice(resourceType.length)
}

function isRefused(policy: ValidationPolicy, { aspect }: Finding): boolean {
  return aspect === 'structure' || policy[aspect] === 'refuse'
}

/** For the OperationOutcome of a write that was done: nothing in it is an error any more. */
export function remarksOn(resource: Resource | undefined): OutcomeIssue[] {
  const found = (resource && remarks.get(resource)) ?? []
  return found.map((each) => ({ ...issueOf(each), severity: isError(each) ? 'warning' : each.severity }))
}

export function issueOf({ severity, code, message, expression }: Finding): OutcomeIssue {
  return { severity, code, diagnostics: message, expression: [expression] }
}
