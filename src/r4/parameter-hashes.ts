/**
 * What the keys of a search parameter depend on, as a hash: resources whose keys were made under another hash have to be
 * gone over again before a search by the parameter is complete (src/projection/reindex.ts).
 */
import { hash } from 'node:crypto'
import { resourceTypes } from './elements.ts'
import { LISTS, listOf } from './lists.ts'
import { parametersInUse, searchParametersOf, standardParametersOf } from './search-parameters.ts'
import type { ParameterSet, SearchParameter, SearchParameterType } from './search-parameters.ts'

/**
 * Raise the number of a type when its keys (src/r4/keys) are made otherwise than before: they are made again in the
 * background, and searches by its parameters are refused until they all are.
 */
const KEY_FORMATS: Readonly<Record<SearchParameterType, number>> = {
  string: 2,
  token: 2,
  reference: 2,
  date: 2,
  number: 2,
  quantity: 2,
  uri: 2,
  composite: 1,
  special: 2,
}

/** The same of lists. */
const LIST_FORMAT = 2

/** By code. */
export type ParameterHashes = Readonly<Record<string, string>>
/** By resource type. */
export type TypeHashes = ReadonlyMap<string, ParameterHashes>

const known = new WeakMap<ParameterSet, TypeHashes>()

/** Of every parameter in use, and of the keys of lists. */
export function parameterHashes(): TypeHashes {
  const inUse = parametersInUse()
  const hashes = known.get(inUse) ?? hashesBy((type) => [...searchParametersOf(type).values()], listHashes)
  known.set(inUse, hashes)
  return hashes
}

/** Of those of R4 alone. */
export function standardHashes(): TypeHashes {
  return hashesBy(standardParametersOf)
}

function hashesBy(
  parametersOf: (type: string) => readonly SearchParameter[],
  more: (type: string) => ParameterHashes = () => ({}),
): TypeHashes {
  const seen = new Map<SearchParameter, string>()
  const hashOf = (parameter: SearchParameter): string => {
    const digest = seen.get(parameter) ?? hashOfParameter(parameter)
    seen.set(parameter, digest)
    return digest
  }
  return new Map(
    resourceTypes.map((type) => [
      type,
      {
        ...Object.fromEntries(parametersOf(type).map((parameter) => [parameter.code, hashOf(parameter)])),
        ...more(type),
      },
    ]),
  )
}

function hashOfParameter({ code, type, expression, components }: SearchParameter): string {
  // Words (`_text`, `_content`) are of no element
  const format = KEY_FORMATS[expression === undefined ? 'special' : type]
  const text = JSON.stringify([code, type, expression, components, format])
  return hash('sha256', text, 'base64').slice(0, 10)
}

/** Searches do without them until they are built (src/fhir/search/listed.ts). */
function listHashes(type: string): ParameterHashes {
  const list = listOf(type)
  return list ? { [LISTS]: hash('sha256', JSON.stringify([list.by, list.of, LIST_FORMAT]), 'base64').slice(0, 10) } : {}
}

/** Of all parameters of a type together. */
export function hashOfAll(hashes: ParameterHashes): string {
  const lines = Object.entries(hashes).map(([code, each]) => `${code}=${each}`)
  return hash('sha256', lines.sort().join(), 'base64').slice(0, 10)
}
