/**
 * Search parameters of our own: the SearchParameter files of `profiles/`.
 *
 * One is taken only when everything it says holds here: its expression can be made into search keys for every type it is
 * of, and its code is nobody else's. A mistake is a sentence about an element of the file.
 */
import { StartError } from '../kernel/errors.ts'
import { elementPaths, UnsupportedPathError } from '../r4/element-paths.ts'
import { isResourceType } from '../r4/elements.ts'
import { extractorFor, presentOnly } from '../r4/keys/extractors.ts'
import { standardParametersOf } from '../r4/search-parameters.ts'
import type { SearchParameter, SearchParameterType } from '../r4/search-parameters.ts'
import { structureProblems } from '../r4/structure.ts'
import type { Definition } from './canonical.ts'
import { fileName } from './definitions.ts'

export interface ParameterMistake {
  /** name of the element */
  readonly element: string
  readonly message: string
}

interface Written {
  readonly url: string
  readonly code: string
  readonly type: SearchParameterType
  readonly base: readonly string[]
  readonly expression?: string
  readonly target?: readonly string[]
}

const CODE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
/** A file cannot say them: what a parameter takes follows from its type, and /metadata tells it. */
const SAID_ELSEWHERE = ['modifier', 'comparator', 'multipleOr', 'multipleAnd', 'chain', 'component', 'xpath']

/** Those of the files that are kept by hand; the first mistake stops the start. */
export function ownSearchParameters(written: readonly Definition[]): SearchParameter[] {
  const taken = new Set<string>()
  return written.filter(isSearchParameter).map((definition) => {
    const [mistake] = parameterMistakes(definition, taken)
    if (!mistake) return parameterOf(definition as unknown as Written)
    throw new StartError(`profiles/${fileName(definition)}: ${mistake.message}; mend it, or take it out of the folder.`)
  })
}

export function isSearchParameter({ resourceType }: Partial<Definition>): boolean {
  return resourceType === 'SearchParameter'
}

/** `taken`: `Type?code` of the parameters before it, to which it adds its own. */
export function parameterMistakes(definition: Definition, taken: Set<string>): ParameterMistake[] {
  const structure = structureProblems(definition).map(({ message, expression }) => ({
    element: /\.(\w+)/.exec(expression)?.[1] ?? 'resourceType',
    message: `${expression}: ${message.replace(/\.$/, '')}`,
  }))
  if (structure.length > 0) return structure
  const parameter = definition as unknown as Written
  const mistakes = [...ofItself(parameter), ...parameter.base.flatMap((type) => inType(parameter, type, taken))]
  for (const type of parameter.base) taken.add(`${type}?${parameter.code}`)
  return mistakes
}

function ofItself(parameter: Written): ParameterMistake[] {
  const { code, type, target = [] } = parameter
  const mistakes: ParameterMistake[] = []
  const say = (element: string, message: string): unknown => mistakes.push({ element, message })
  if (!CODE.test(code)) say('code', `"${code}" must be words of small letters and digits, joined by hyphens`)
  if (type === 'composite' || type === 'special') say('type', `a parameter of type ${type} cannot be made by a file`)
  if (parameter.expression === undefined) say('resourceType', 'it needs an expression')
  if (type === 'reference' && target.length === 0) say('type', 'a reference needs a target: the types it points at')
  if (type !== 'reference' && target.length > 0) say('target', 'only a reference has a target')
  for (const each of target) if (!isResourceType(each)) say('target', `"${each}" is no resource type of FHIR R4`)
  for (const name of SAID_ELSEWHERE.filter((each) => each in parameter)) {
    say(name, `"${name}" is left out: what a parameter takes follows from its type`)
  }
  return mistakes
}

function inType(parameter: Written, type: string, taken: ReadonlySet<string>): ParameterMistake[] {
  const { code } = parameter
  if (!isResourceType(type)) return [{ element: 'base', message: `"${type}" is no resource type of FHIR R4` }]
  if (standardParametersOf(type).some((each) => each.code === code)) {
    return [{ element: 'code', message: `${type} has a search parameter "${code}" of R4 already: choose another code` }]
  }
  if (taken.has(`${type}?${code}`)) {
    return [{ element: 'code', message: `another file gives ${type} a search parameter "${code}"` }]
  }
  return parameter.expression === undefined ? [] : ofExpression(parameter, parameter.expression, type)
}

function ofExpression({ type: kind }: Written, expression: string, type: string): ParameterMistake[] {
  const about = (message: string): ParameterMistake[] => [{ element: 'expression', message }]
  try {
    const types = [...new Set(elementPaths(expression, type).map((path) => path.type))]
    if (types.length === 0) return about(`the expression says nothing of ${type}`)
    if (types.some((each) => (extractorFor(kind, each) ?? presentOnly) !== presentOnly)) return []
    return about(`what it selects in ${type} (${types.join(', ')}) no parameter of type ${kind} searches`)
  } catch (error) {
    if (!(error instanceof UnsupportedPathError)) throw error
    return about(error.message.replace(/\.$/, ''))
  }
}

function parameterOf({ url, code, type, base, expression = '', target }: Written): SearchParameter {
  return { url, code, type, base, expression, own: true, ...(target && { target }) }
}
