/** `ConceptMap/$translate`: the code in another system (https://hl7.org/fhir/R4/conceptmap-operation-translate.html). */
import type { Coding, ConceptMap } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import type { Terminology } from '../../r4/terminology/terminology.ts'
import { membership } from '../../r4/terminology/terminology.ts'
import type { Match } from '../../r4/terminology/translate.ts'
import { isMatch, translate as translated } from '../../r4/terminology/translate.ts'
import type { FhirContext } from '../context.ts'
import { conceptMapsFor, terminologyFor } from '../terminology.ts'
import type { Needed } from '../terminology.ts'
import { flagInput, textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Call, Operation } from './operation.ts'
import type { Parameter } from './parameters.ts'
import { parametersAnswer, textParameter } from './parameters.ts'
import { CODING_INPUTS, codingsAsked, definitionAsked } from './terminology-inputs.ts'

export const translate: Operation = {
  code: 'translate',
  definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
  levels: ['type', 'instance'],
  access: 'parts',
  resources: ['ConceptMap'],
  inputs: [
    ...CODING_INPUTS,
    { name: 'url', type: 'uri' },
    { name: 'conceptMap', type: 'Resource' },
    { name: 'conceptMapVersion', type: 'string' },
    { name: 'codeableConcept', type: 'CodeableConcept' },
    { name: 'source', type: 'uri' },
    { name: 'target', type: 'uri' },
    { name: 'targetsystem', type: 'uri' },
    { name: 'reverse', type: 'boolean' },
  ],
  async handle(context: FhirContext, call: Call) {
    const { inputs } = call
    const codings = codingsAsked(inputs)
    const reverse = flagInput(inputs, 'reverse') ?? false
    const maps = (await mapsAsked(context, call, codings, reverse)).filter((map) => isFrom(map, inputs))
    const terminology = await terminologyFor(context, neededFor(maps, inputs))
    const direction = {
      reverse,
      mapOf: (canonical: string) => terminology.conceptMap(canonical),
      isSame: (system: string, one: string, other: string) => isSame(terminology, system, one, other),
    }
    const found = codings.flatMap((coding) => translated(maps, coding, direction))
    return parametersAnswer('translate', parametersOf(found.filter((match) => isWanted(match, terminology, inputs))))
  },
}

/** The one that is named, or all that know the systems of the codes. */
async function mapsAsked(
  context: FhirContext,
  call: Call,
  codings: readonly Coding[],
  reverse: boolean,
): Promise<ConceptMap[]> {
  const names = { sent: 'conceptMap', url: 'url', version: 'conceptMapVersion' }
  const asked = await definitionAsked(context, call, 'ConceptMap', names)
  if (asked) return [asked.definition]
  const systems = new Set(codings.flatMap(({ system }) => system ?? []))
  if (systems.size === 0) {
    throw new GatewayError('GW_BAD_REQUEST', 'Say of which system the code is, or which concept map is meant by "url".')
  }
  const end = reverse ? 'target' : 'source'
  return (await Promise.all([...systems].map((system) => conceptMapsFor(context, system, end)))).flat()
}

/** A map says which value sets it is between; one that says nothing is for any. */
function isFrom({ sourceCanonical, sourceUri }: ConceptMap, inputs: Inputs): boolean {
  const source = textInput(inputs, 'source')
  const named = sourceCanonical ?? sourceUri
  return source === undefined || named === undefined || named.replace(/\|.*/s, '') === source
}

/** Code systems tell whether case matters, other maps may know what this one does not. */
function neededFor(maps: readonly ConceptMap[], inputs: Inputs): Needed[] {
  const target = textInput(inputs, 'target')
  const ofMaps = maps.flatMap(({ group = [] }) =>
    group.flatMap(({ source, target: to, unmapped }): Needed[] => [
      ...[source, to].flatMap((canonical) =>
        canonical === undefined ? [] : [{ type: 'CodeSystem' as const, canonical }],
      ),
      ...(unmapped?.url === undefined ? [] : [{ type: 'ConceptMap' as const, canonical: unmapped.url }]),
    ]),
  )
  return target === undefined ? ofMaps : [...ofMaps, { type: 'ValueSet', canonical: target }]
}

function isSame(terminology: Terminology, system: string, one: string, other: string): boolean {
  if (one === other) return true
  const index = terminology.codeSystem(system)
  const concept = index?.get(other)
  return concept !== undefined && index?.get(one) === concept
}

function isWanted({ concept }: Match, terminology: Terminology, inputs: Inputs): boolean {
  if (!concept) return true
  const [target, system] = [textInput(inputs, 'target'), textInput(inputs, 'targetsystem')]
  if (system !== undefined && concept.system !== system) return false
  return target === undefined || membership(terminology, target, concept).is !== 'out'
}

function parametersOf(matches: readonly Match[]): Parameter[] {
  const result = matches.some(isMatch)
  const message = result ? undefined : 'No concept map that is loaded here knows a match for this code.'
  return [
    { name: 'result', valueBoolean: result },
    ...textParameter('message', message),
    ...matches.map(matchParameter),
  ]
}

function matchParameter({ equivalence, concept, source }: Match): Parameter {
  return {
    name: 'match',
    part: [
      ...(equivalence === undefined ? [] : [{ name: 'equivalence', valueCode: equivalence }]),
      ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
      ...(source === undefined ? [] : [{ name: 'source', valueUri: source }]),
    ],
  }
}
