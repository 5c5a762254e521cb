/**
 * `ValueSet/$validate-code` and `CodeSystem/$validate-code`: is a code one of these, and is its display right
 * (https://hl7.org/fhir/R4/valueset-operation-validate-code.html)? What cannot be told is no answer but an error.
 */
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { CodeSet } from '../../r4/terminology/code-set.ts'
import { systemCodes } from '../../r4/terminology/code-set.ts'
import { indexOf } from '../../r4/terminology/code-system.ts'
import type { Verdict } from '../../r4/terminology/validate-code.ts'
import { validateCodings } from '../../r4/terminology/validate-code.ts'
import type { FhirContext } from '../context.ts'
import { flagInput } from './inputs.ts'
import type { Call, Input, Operation } from './operation.ts'
import { parametersAnswer, textParameter } from './parameters.ts'
import { codingsAsked, definitionAsked, languagesOf } from './terminology-inputs.ts'

const COMMON: readonly Input[] = [
  { name: 'url', type: 'uri' },
  { name: 'code', type: 'code' },
  { name: 'display', type: 'string' },
  { name: 'coding', type: 'Coding' },
  { name: 'codeableConcept', type: 'CodeableConcept' },
  { name: 'abstract', type: 'boolean' },
  { name: 'displayLanguage', type: 'code' },
]

export const validateCodeInValueSet: Operation = {
  code: 'validate-code',
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code',
  levels: ['type', 'instance'],
  access: 'parts',
  resources: ['ValueSet'],
  inputs: [
    ...COMMON,
    { name: 'valueSet', type: 'Resource' },
    { name: 'valueSetVersion', type: 'string' },
    { name: 'system', type: 'uri' },
    { name: 'systemVersion', type: 'string' },
  ],
  async handle(context: FhirContext, call: Call) {
    const names = { sent: 'valueSet', url: 'url', version: 'valueSetVersion' }
    const asked = await definitionAsked(context, call, 'ValueSet', names)
    if (!asked) throw new GatewayError('GW_BAD_REQUEST', 'Say which value set, by "url" or as "valueSet".')
    const { definition, terminology } = asked
    return judged(context, call, terminology.codesOf(definition), `the value set "${definition.url ?? call.id ?? ''}"`)
  },
}

export const validateCodeInCodeSystem: Operation = {
  code: 'validate-code',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code',
  levels: ['type', 'instance'],
  access: 'parts',
  resources: ['CodeSystem'],
  inputs: [...COMMON, { name: 'codeSystem', type: 'Resource' }, { name: 'version', type: 'string' }],
  async handle(context: FhirContext, call: Call) {
    const names = { sent: 'codeSystem', url: 'url', version: 'version' }
    const asked = await definitionAsked(context, call, 'CodeSystem', names)
    if (!asked) throw new GatewayError('GW_BAD_REQUEST', 'Say which code system, by "url" or as "codeSystem".')
    const index = indexOf(asked.definition)
    const name = `the code system "${asked.definition.url ?? call.id ?? ''}"`
    if (index) return judged(context, call, systemCodes(index), name)
    throw new GatewayError('GW_UNPROCESSABLE', `Of ${name} no codes are loaded here.`)
  },
}

async function judged(context: FhirContext, { inputs }: Call, codes: CodeSet, name: string): Promise<Answer> {
  const codings = codingsAsked(inputs)
  const question = { name, languages: languagesOf(context, inputs), abstract: flagInput(inputs, 'abstract') ?? false }
  const verdict = validateCodings(codes, codings, question)
  if (verdict.gap) {
    throw new GatewayError('GW_UNPROCESSABLE', `${verdict.gap.sentence}: whether the code is right cannot be told.`)
  }
  return Promise.resolve(parametersAnswer('validate-code', parametersOf(verdict)))
}

function parametersOf({ result, message, display, entry }: Verdict) {
  return [
    { name: 'result', valueBoolean: result },
    ...textParameter('message', message),
    ...textParameter('display', display),
    ...(entry
      ? [
          { name: 'code', valueCode: entry.code },
          { name: 'system', valueUri: entry.system },
          ...textParameter('version', entry.version),
        ]
      : []),
  ]
}
