/** Answers that are Parameters (R4 parameters.html). */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'

export interface Parameter {
  readonly name: string
  readonly part?: readonly Parameter[]
  readonly resource?: object
  readonly [value: `value${string}`]: unknown
}

export function parametersAnswer(interaction: string, parameter: readonly Parameter[]): Answer {
  return resourceAnswer(interaction, { resourceType: 'Parameters', parameter })
}

export function resourceAnswer(interaction: string, resource: object): Answer {
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body: JSON.stringify(resource), interaction }
}

/** A string that may not be there. */
export function textParameter(name: string, valueString: string | undefined): Parameter[] {
  return valueString === undefined ? [] : [{ name, valueString }]
}
