/** `Patient/$summary` (http://hl7.org/fhir/uv/ips/OperationDefinition/summary): the International Patient Summary of a record. */
import type { Identifier } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { acceptedLanguages } from '../../http/languages.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { isOf } from '../../r4/terminology/languages.ts'
import type { FhirContext } from '../context.ts'
import { documentAnswer } from '../document/answer.ts'
import type { Language } from '../document/narrative.ts'
import { notFound } from '../interactions/read.ts'
import { conditionFilter } from '../search/condition.ts'
import { IPS } from '../summary/profiles.ts'
import { summaryRecord } from '../summary/record.ts'
import { summaryDocument } from '../summary/summary.ts'
import { textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

const LANGUAGES: readonly Language[] = ['en', 'ar']

export const summary: Operation = {
  code: 'summary',
  definition: 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary',
  levels: ['type', 'instance'],
  access: 'reads',
  resources: ['Patient'],
  heavy: true,
  inputs: [
    { name: 'identifier', type: 'Identifier' },
    // As the OperationDefinition of IPS 1.1.0 spells it
    { name: 'identifer', type: 'Identifier' },
    { name: 'profile', type: 'uri' },
    { name: 'graph', type: 'uri' },
  ],
  async handle(context: FhirContext, { id, inputs }: Call): Promise<Answer> {
    assertDone(inputs)
    const language = languageOf(context)
    const record = await summaryRecord(context, id ?? (await patientBy(context, inputs)))
    const answer = await documentAnswer(context, {
      interaction: 'summary',
      ...summaryDocument(context, record, language),
    })
    return { ...answer, headers: { ...answer.headers, 'Content-Language': language } }
  },
}

function assertDone(inputs: Inputs): void {
  const profile = textInput(inputs, 'profile')?.replace(/\|.*/, '')
  if (inputs.has('graph') || (profile !== undefined && profile !== `${IPS}/Bundle-uv-ips`)) {
    const sentence = `A summary is made for the profile ${IPS}/Bundle-uv-ips only, and by no "graph".`
    throw new GatewayError('GW_UNKNOWN_PARAMETER', sentence)
  }
}

function languageOf({ request }: FhirContext): Language {
  const wanted = acceptedLanguages(request.header('accept-language'))
  return wanted.map((each) => LANGUAGES.find((language) => isOf(language, each))).find((each) => each) ?? 'en'
}

async function patientBy(context: FhirContext, inputs: Inputs): Promise<string> {
  const [identifier] = inputs.get('identifier') ?? inputs.get('identifer') ?? []
  const { system, value } = (identifier ?? {}) as Identifier
  if (value === undefined) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      'Say whose summary: by id in the address, or by "identifier" (system|value).',
    )
  }
  const token = [system, value].filter((each) => each !== undefined).map((each) => each.replace(/[\\,$|]/g, '\\$&'))
  const condition = conditionFilter(context, 'Patient', `identifier=${encodeURIComponent(token.join('|'))}`)
  const { permit, reader } = context
  const [found, another] = await reader.identify(permit, await condition.filter(reader), 2)
  if (found === undefined) throw notFound('Patient')
  if (another !== undefined) {
    throw new GatewayError('GW_PRECONDITION', 'Several patients have this identifier: ask by id, or with its system.')
  }
  return found.slice(`${permit.tenant}/Patient/`.length)
}
