/** `CodeSystem/$lookup`: all that a code system says of a code (https://hl7.org/fhir/R4/codesystem-operation-lookup.html). */
import { GatewayError } from '../../kernel/errors.ts'
import { entryOf } from '../../r4/terminology/code-set.ts'
import type { CodeSystemIndex, Concept } from '../../r4/terminology/code-system.ts'
import { displayIn, isOf } from '../../r4/terminology/languages.ts'
import type { FhirContext } from '../context.ts'
import type { Call, Operation } from './operation.ts'
import type { Parameter } from './parameters.ts'
import { parametersAnswer, textParameter } from './parameters.ts'
import { CODING_INPUTS, codeSystemAsked, codingsAsked, languagesOf } from './terminology-inputs.ts'

export const lookup: Operation = {
  code: 'lookup',
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
  levels: ['type'],
  access: 'parts',
  resources: ['CodeSystem'],
  inputs: [
    ...CODING_INPUTS,
    { name: 'displayLanguage', type: 'code' },
    { name: 'property', type: 'code', repeats: true },
  ],
  async handle(context: FhirContext, call: Call) {
    const { inputs } = call
    const [{ code = '', system, version } = {}] = codingsAsked(inputs)
    const index = await codeSystemAsked(context, call, { system, version })
    const concept = index.get(code)
    if (!concept) throw noSuchCode(index, code)
    const wanted = new Set((inputs.get('property') ?? []) as string[])
    return parametersAnswer('lookup', parametersOf(index, concept, languagesOf(context, inputs), wanted))
  },
}

/** 404: of a system of which only a part is loaded it may be a code all the same. */
export function noSuchCode({ system: { url = '' }, isWhole }: CodeSystemIndex, code: string): GatewayError {
  const where = isWhole ? `no code of "${url}"` : `not in the part of "${url}" that is loaded here`
  return new GatewayError('GW_NOT_FOUND', `"${code}" is ${where}.`)
}

function parametersOf(
  index: CodeSystemIndex,
  concept: Concept,
  languages: readonly string[],
  wanted: ReadonlySet<string>,
): Parameter[] {
  const { name, url = '', version } = index.system
  const isWanted = (...codes: string[]): boolean => wanted.size === 0 || codes.some((each) => wanted.has(each))
  return [
    { name: 'name', valueString: name ?? url },
    ...textParameter('version', version),
    { name: 'display', valueString: displayIn(entryOf(index, concept), languages) ?? concept.code },
    { name: 'code', valueCode: concept.code },
    { name: 'system', valueUri: url },
    { name: 'abstract', valueBoolean: concept.abstract },
    ...(isWanted('definition') ? textParameter('definition', concept.definition) : []),
    ...designations(concept, wanted),
    ...hierarchy(index, concept)
      .filter(([code]) => isWanted(code))
      .map(([, parameter]) => parameter),
    ...ownProperties(index, concept)
      .filter(([code]) => isWanted(code))
      .map(([, parameter]) => parameter),
  ]
}

/** All of them, or those of the languages that `lang.X` asks for. */
function designations({ designation = [] }: Concept, wanted: ReadonlySet<string>): Parameter[] {
  const asked = [...wanted].flatMap((each) => (each.startsWith('lang.') ? [each.slice('lang.'.length)] : []))
  const isWanted = (language = ''): boolean =>
    wanted.size === 0 || wanted.has('designation') || asked.some((each) => isOf(language, each))
  return designation
    .filter(({ language }) => isWanted(language))
    .map(({ language, use, value }) => ({
      name: 'designation',
      part: [
        ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
        ...(use ? [{ name: 'use', valueCoding: use }] : []),
        { name: 'value', valueString: value },
      ],
    }))
}

type Named = readonly [code: string, parameter: Parameter]

function hierarchy(index: CodeSystemIndex, { parents, children, inactive }: Concept): Named[] {
  const related = (name: string, codes: readonly string[]): Named[] =>
    codes.map((code) => [name, property(name, { name: 'value', valueCode: code }, index.get(code)?.display)])
  return [
    ...related('parent', parents),
    ...related('child', children),
    ['inactive', property('inactive', { name: 'value', valueBoolean: inactive })],
  ]
}

/** What stands in the hierarchy already is not said twice. */
function ownProperties(index: CodeSystemIndex, concept: Concept): Named[] {
  const said = new Set(['parent', 'child', 'inactive'])
  return (concept.property ?? []).flatMap(({ code, ...value }) => {
    const [typed] = Object.entries(value).filter(([name]) => name.startsWith('value'))
    if (said.has(code) || !typed) return []
    const description = index.system.property?.find((each) => each.code === code)?.description
    return [[code, property(code, { name: 'value', [typed[0]]: typed[1] }, description)]]
  })
}

function property(code: string, value: Parameter, description?: string): Parameter {
  return {
    name: 'property',
    part: [{ name: 'code', valueCode: code }, value, ...textParameter('description', description)],
  }
}
