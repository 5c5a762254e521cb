/** `ValueSet/$expand`: the codes of a value set (https://hl7.org/fhir/R4/valueset-operation-expand.html). */
import { GatewayError } from '../../kernel/errors.ts'
import { expand as expansionOf } from '../../r4/terminology/expand.ts'
import type { FhirContext } from '../context.ts'
import { countInput, flagInput, textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Call, Input, Operation } from './operation.ts'
import { resourceAnswer } from './parameters.ts'
import { definitionAsked, languagesOf } from './terminology-inputs.ts'

export const EXPAND_INPUTS: readonly Input[] = [
  { name: 'url', type: 'uri' },
  { name: 'valueSet', type: 'Resource' },
  { name: 'valueSetVersion', type: 'string' },
  { name: 'filter', type: 'string' },
  { name: 'offset', type: 'integer' },
  { name: 'count', type: 'integer' },
  { name: 'includeDesignations', type: 'boolean' },
  { name: 'includeDefinition', type: 'boolean' },
  { name: 'activeOnly', type: 'boolean' },
  { name: 'excludeNested', type: 'boolean' },
  { name: 'excludeNotForUI', type: 'boolean' },
  { name: 'displayLanguage', type: 'code' },
]

export const expand: Operation = {
  code: 'expand',
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
  levels: ['type', 'instance'],
  access: 'parts',
  resources: ['ValueSet'],
  inputs: EXPAND_INPUTS,
  async handle(context: FhirContext, call: Call) {
    const { inputs } = call
    const names = { sent: 'valueSet', url: 'url', version: 'valueSetVersion' }
    const asked = await definitionAsked(context, call, 'ValueSet', names)
    if (!asked) throw new GatewayError('GW_BAD_REQUEST', 'Say which value set, by "url" or as "valueSet".')
    const { definition, terminology } = asked
    const expanded = expansionOf(definition, terminology.codesOf(definition), {
      filter: textInput(inputs, 'filter'),
      offset: natural(inputs, 'offset'),
      count: natural(inputs, 'count'),
      includeDesignations: flagInput(inputs, 'includeDesignations'),
      includeDefinition: flagInput(inputs, 'includeDefinition'),
      activeOnly: flagInput(inputs, 'activeOnly'),
      excludeNested: flagInput(inputs, 'excludeNested'),
      excludeNotForUI: flagInput(inputs, 'excludeNotForUI'),
      displayLanguage: textInput(inputs, 'displayLanguage'),
      languages: languagesOf(context, inputs),
    })
    return resourceAnswer('expand', expanded)
  },
}

function natural(inputs: Inputs, name: string): number | undefined {
  const value = countInput(inputs, name)
  if (value === undefined || value >= 0) return value
  throw new GatewayError('GW_BAD_REQUEST', `The parameter "${name}" is 0 or more.`)
}
