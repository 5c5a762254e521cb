/** `CodeSystem/$subsumes`: does one code stand over another (https://hl7.org/fhir/R4/codesystem-operation-subsumes.html)? */
import type { Coding } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import { above } from '../../r4/terminology/code-system.ts'
import type { CodeSystemIndex, Concept } from '../../r4/terminology/code-system.ts'
import type { FhirContext } from '../context.ts'
import { textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import { noSuchCode } from './lookup.ts'
import type { Call, Operation } from './operation.ts'
import { parametersAnswer } from './parameters.ts'
import { codeSystemAsked } from './terminology-inputs.ts'

export const subsumes: Operation = {
  code: 'subsumes',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
  levels: ['type', 'instance'],
  access: 'parts',
  resources: ['CodeSystem'],
  inputs: [
    { name: 'codeA', type: 'code' },
    { name: 'codeB', type: 'code' },
    { name: 'system', type: 'uri' },
    { name: 'version', type: 'string' },
    { name: 'codingA', type: 'Coding' },
    { name: 'codingB', type: 'Coding' },
  ],
  async handle(context: FhirContext, call: Call) {
    const { inputs } = call
    const [a, b] = [codingAsked(inputs, 'A'), codingAsked(inputs, 'B')]
    if (a.system !== b.system) throw new GatewayError('GW_BAD_REQUEST', 'Both codes must be of one code system.')
    const index = await codeSystemAsked(context, call, { system: a.system, version: textInput(inputs, 'version') })
    const outcome = outcomeOf(index, conceptAsked(index, a), conceptAsked(index, b))
    return parametersAnswer('subsumes', [{ name: 'outcome', valueCode: outcome }])
  },
}

function outcomeOf(index: CodeSystemIndex, a: Concept, b: Concept): string {
  if (a.code === b.code) return 'equivalent'
  if (above(index, b.code).has(a.code)) return 'subsumes'
  return above(index, a.code).has(b.code) ? 'subsumed-by' : 'not-subsumed'
}

function codingAsked(inputs: Inputs, which: 'A' | 'B'): Coding {
  const coding = inputs.get(`coding${which}`)?.[0] as Coding | undefined
  const code = textInput(inputs, `code${which}`)
  if ((coding === undefined) === (code === undefined)) {
    throw new GatewayError('GW_BAD_REQUEST', `Say one of "code${which}" and "coding${which}".`)
  }
  const system = coding?.system ?? textInput(inputs, 'system')
  return { ...coding, code: coding?.code ?? code ?? '', ...(system !== undefined && { system }) }
}

function conceptAsked(index: CodeSystemIndex, { code = '' }: Coding): Concept {
  const concept = index.get(code)
  if (concept) return concept
  throw noSuchCode(index, code)
}
