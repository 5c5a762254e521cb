/**
 * `AuditEvent/$recorded`, ours (profiles/OperationDefinition-recorded.json): the gateway's own audit of the tenant. What
 * sources recorded is found by a search of AuditEvent.
 */
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { AuditAction } from '../../store/audit-documents.ts'
import { PAGE_INPUTS, auditPage } from '../audit-page.ts'
import type { FhirContext } from '../context.ts'
import type { Inputs } from './inputs.ts'
import { textInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

export const recorded: Operation = {
  code: 'recorded',
  definition: 'recorded',
  levels: ['type'],
  access: 'reads',
  resources: ['AuditEvent'],
  heavy: true,
  inputs: [
    { name: 'patient', type: 'string' },
    { name: 'agent', type: 'string' },
    { name: 'entity', type: 'string' },
    { name: 'action', type: 'code' },
    { name: 'outcome', type: 'code' },
    ...PAGE_INPUTS,
  ],
  handle(context: FhirContext, { inputs }: Call): Promise<Answer> {
    if (!mayReadAudit(context)) {
      throw new GatewayError('GW_FORBIDDEN', 'The audit is for who may search all audit events, of all patients.')
    }
    const query = {
      patient: textInput(inputs, 'patient')?.replace(/^Patient\//, ''),
      agent: textInput(inputs, 'agent'),
      entity: entityIn(inputs),
      action: actionIn(inputs),
      status: statusIn(inputs),
    }
    return auditPage(context, inputs, { path: 'AuditEvent/$recorded', interaction: 'recorded', query })
  },
}

/** Whatever is about single patients or resources, or has a condition, is no right to the audit. */
export function mayReadAudit({ request }: FhirContext): boolean {
  const { rules } = request.caller.permit
  if (rules === 'everything') return true
  return rules.some(
    ({ type, letters, patients, name, where }) =>
      (type === '*' || type === 'AuditEvent') &&
      letters.includes('s') &&
      patients === undefined &&
      name === undefined &&
      where.length === 0,
  )
}

function entityIn(inputs: Inputs): string | undefined {
  const entity = textInput(inputs, 'entity')
  if (entity === undefined || /^[A-Z][A-Za-z]*\/[A-Za-z0-9\-.]{1,64}$/.test(entity)) return entity
  throw new GatewayError('GW_BAD_REQUEST', '"entity" is a resource such as Observation/1.')
}

function actionIn(inputs: Inputs): AuditAction | undefined {
  const action = textInput(inputs, 'action')
  if (action === undefined || /^[CRUDE]$/.test(action)) return action as AuditAction | undefined
  throw new GatewayError('GW_BAD_REQUEST', '"action" is C, R, U, D or E.')
}

const OUTCOMES: Readonly<Record<string, readonly [number, number]>> = {
  '0': [0, 399],
  '4': [400, 499],
  '8': [500, 599],
}

function statusIn(inputs: Inputs): readonly [number, number] | undefined {
  const outcome = textInput(inputs, 'outcome')
  if (outcome === undefined) return undefined
  const status = Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome] : undefined
  if (status) return status
  throw new GatewayError('GW_BAD_REQUEST', '"outcome" is 0 (done), 4 (refused) or 8 (failed).')
}
