/** What the terminology operations are asked about: a resource, by id, sent along or by canonical; codes; languages. */
import type { CodeableConcept, Coding, ConceptMap, Resource, ValueSet } from '@medplum/fhirtypes'
import { acceptedLanguages } from '../../http/languages.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseJson } from '../../r4/json.ts'
import type { CodeSystemIndex } from '../../r4/terminology/code-system.ts'
import { indexOf } from '../../r4/terminology/code-system.ts'
import type { Terminology } from '../../r4/terminology/terminology.ts'
import { structureProblems } from '../../r4/structure.ts'
import type { FhirContext } from '../context.ts'
import { gone, notFound } from '../interactions/read.ts'
import { referencesOf, terminologyFor } from '../terminology.ts'
import type { Needed } from '../terminology.ts'
import type { Inputs } from './inputs.ts'
import { textInput } from './inputs.ts'
import type { Call, Input } from './operation.ts'

interface Resources {
  CodeSystem: CodeSystem
  ConceptMap: ConceptMap
  ValueSet: ValueSet
}
type CodeSystem = CodeSystemIndex['system']

/** A definition with what answers about it. */
export interface Asked<T> {
  readonly definition: T
  readonly terminology: Terminology
}

/** By which a coding is given. */
export const CODING_INPUTS: readonly Input[] = [
  { name: 'code', type: 'code' },
  { name: 'system', type: 'uri' },
  { name: 'version', type: 'string' },
  { name: 'coding', type: 'Coding' },
]

/**
 * The definition an operation is asked of: the resource of the address, one sent along under `member`, or the one of a
 * canonical. Undefined where none is named; 404 where there is none.
 */
export async function definitionAsked<Type extends keyof Resources>(
  context: FhirContext,
  call: Call,
  type: Type,
  names: { readonly sent?: string; readonly url: string; readonly version: string },
): Promise<Asked<Resources[Type]> | undefined> {
  const { inputs, id } = call
  const one = id === undefined ? sent(inputs, type, names.sent) : await storedById(context, type, id)
  if (one) return { definition: one, terminology: await terminologyFor(context, referencesOf(one)) }
  const url = textInput(inputs, names.url)
  if (url === undefined) return undefined
  const version = textInput(inputs, names.version)
  const canonical = version === undefined || url.includes('|') ? url : `${url}|${version}`
  const terminology = await terminologyFor(context, [{ type, canonical }])
  const definition = definitionOf(terminology, type, canonical)
  if (definition) return { definition, terminology }
  throw new GatewayError('GW_NOT_FOUND', `The ${WORDS[type]} "${canonical}" is not loaded here.`)
}

const WORDS = { CodeSystem: 'code system', ConceptMap: 'concept map', ValueSet: 'value set' } as const

function definitionOf<Type extends keyof Resources>(
  terminology: Terminology,
  type: Type,
  canonical: string,
): Resources[Type] | undefined {
  const finders = {
    CodeSystem: () => terminology.codeSystem(canonical)?.system,
    ConceptMap: () => terminology.conceptMap(canonical),
    ValueSet: () => terminology.valueSet(canonical),
  }
  return finders[type]() as Resources[Type] | undefined
}

function sent<Type extends keyof Resources>(
  inputs: Inputs,
  type: Type,
  name: string | undefined,
): Resources[Type] | undefined {
  const resource = name === undefined ? undefined : (inputs.get(name)?.[0] as Resource | undefined)
  if (!resource) return undefined
  if (resource.resourceType !== type) {
    throw new GatewayError('GW_BAD_REQUEST', `The parameter "${name}" must be a ${type}.`)
  }
  const [problem] = structureProblems(resource)
  if (!problem) return resource as Resources[Type]
  throw new GatewayError('GW_INVALID_RESOURCE', problem.message, { expression: problem.expression })
}

async function storedById<Type extends keyof Resources>(
  { reader, permit }: FhirContext,
  type: Type,
  id: string,
): Promise<Resources[Type]> {
  const stored = await reader.read(permit, type, id)
  if (!stored) throw notFound(type)
  if (stored.deleted) throw gone(type)
  return parseJson(stored.body.toString()) as unknown as Resources[Type]
}

/** The code system of the address, or the one of a canonical; 404 where its codes are not there. */
export async function codeSystemAsked(
  context: FhirContext,
  { id }: Call,
  named: { readonly system: string | undefined; readonly version: string | undefined },
): Promise<CodeSystemIndex> {
  const { system, version } = named
  if (id !== undefined) {
    const stored = await storedById(context, 'CodeSystem', id)
    const index = indexOf(stored)
    if (index && (system === undefined || system === stored.url)) return index
    throw new GatewayError('GW_UNPROCESSABLE', `This code system has no codes of "${system ?? stored.url}" here.`)
  }
  if (system === undefined) throw new GatewayError('GW_BAD_REQUEST', 'Say of which code system: "system" is missing.')
  const canonical = version === undefined ? system : `${system}|${version}`
  const needed: Needed = { type: 'CodeSystem', canonical }
  const index = (await terminologyFor(context, [needed])).codeSystem(canonical)
  if (index) return index
  throw new GatewayError('GW_NOT_FOUND', `The code system "${canonical}" is not loaded here.`)
}

/** `code` with its system, version and display; a `coding`; or the codings of a `codeableConcept`. */
export function codingsAsked(inputs: Inputs): Coding[] {
  const concept = inputs.get('codeableConcept')?.[0] as CodeableConcept | undefined
  const coding = inputs.get('coding')?.[0] as Coding | undefined
  const code = textInput(inputs, 'code')
  const given = [concept, coding, code].filter((each) => each !== undefined)
  if (given.length !== 1) {
    const names = ['"code"', '"coding"', ...(inputs.has('codeableConcept') ? ['"codeableConcept"'] : [])].join(', ')
    throw new GatewayError('GW_BAD_REQUEST', `Say what to look for once, as one of ${names}.`)
  }
  if (concept) return concept.coding ?? []
  if (coding) return [coding]
  const [system, version, display] = ['system', 'version', 'display'].map((name) => textInput(inputs, name))
  const rest = { ...(system && { system }), ...(version && { version }), ...(display && { display }) }
  return [{ ...rest, code: code ?? '' }]
}

/** `displayLanguage`, then those of Accept-Language. */
export function languagesOf({ request }: FhirContext, inputs: Inputs): string[] {
  const wanted = textInput(inputs, 'displayLanguage')
  return [...(wanted === undefined ? [] : [wanted]), ...acceptedLanguages(request.header('accept-language'))]
}
