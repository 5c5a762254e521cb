/**
 * Which FHIR types have keys in which kind of parameter (R4 search.html#table). A type that is not named under a kind has
 * none: a free text in a date parameter, an age in one.
 */
import type { SearchParameterType } from '../search-parameters.ts'
import { dateKeys, periodKeys, timingKeys } from './date.ts'
import { moneyKeys, numberKeys, quantityKeys, rangeKeys, sampledDataKeys } from './quantity.ts'
import { canonicalKeys, embeddedKeys, referenceKeys, uriKeys } from './reference.ts'
import type { Extractor } from './shape.ts'
import { addressKeys, humanNameKeys, stringKeys } from './string.ts'
import { codingKeys, conceptKeys, contactKeys, identifierKeys, primitiveTokenKeys } from './token.ts'

type ByType = Readonly<Record<string, Extractor>>

const extractors: Readonly<Partial<Record<SearchParameterType, ByType>>> = {
  token: {
    Coding: codingKeys,
    CodeableConcept: conceptKeys,
    Identifier: identifierKeys,
    ContactPoint: contactKeys,
    boolean: primitiveTokenKeys,
    code: primitiveTokenKeys,
    id: primitiveTokenKeys,
    string: primitiveTokenKeys,
    uri: primitiveTokenKeys,
  },
  string: { string: stringKeys, markdown: stringKeys, HumanName: humanNameKeys, Address: addressKeys },
  reference: { Reference: referenceKeys, Resource: embeddedKeys, canonical: canonicalKeys, uri: uriKeys },
  uri: { canonical: canonicalKeys, uri: uriKeys, url: uriKeys },
  date: { date: dateKeys, dateTime: dateKeys, instant: dateKeys, Period: periodKeys, Timing: timingKeys },
  number: { integer: numberKeys, decimal: numberKeys, Range: rangeKeys },
  quantity: {
    Quantity: quantityKeys,
    Age: quantityKeys,
    Duration: quantityKeys,
    Money: moneyKeys,
    Range: rangeKeys,
    SampledData: sampledDataKeys,
  },
}

export function extractorFor(parameterType: SearchParameterType, valueType: string): Extractor | undefined {
  return extractors[parameterType]?.[valueType]
}
