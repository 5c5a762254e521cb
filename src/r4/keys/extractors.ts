/**
 * Which FHIR types have keys in which kind of parameter (R4 search.html#table). Values that nothing can be compared with
 * are there all the same, for `:missing`.
 */
import type { SearchParameterType } from '../search-parameters.ts'
import { dateKeys, periodKeys, timingKeys } from './date.ts'
import { moneyKeys, numberKeys, quantityKeys, rangeKeys, sampledDataKeys } from './quantity.ts'
import { canonicalKeys, embeddedKeys, referenceKeys, uriKeys } from './reference.ts'
import type { Extractor } from './shape.ts'
import { addressKeys, humanNameKeys, stringKeys } from './string.ts'
import { codingKeys, conceptKeys, identifierKeys, plainTokenKeys } from './token.ts'

type ByType = Readonly<Record<string, Extractor>>

/** "As a child" is no date, nor is an age or a range of ages; an attachment has no address that a reference could be. */
export const presentOnly: Extractor = () => () => undefined

const extractors: Readonly<Partial<Record<SearchParameterType, ByType>>> = {
  token: {
    Coding: codingKeys,
    CodeableConcept: conceptKeys,
    Identifier: identifierKeys,
    ContactPoint: plainTokenKeys('ContactPoint'),
    boolean: plainTokenKeys('boolean'),
    code: plainTokenKeys('code'),
    id: plainTokenKeys('id'),
    string: plainTokenKeys('string'),
    uri: plainTokenKeys('uri'),
  },
  string: { string: stringKeys, markdown: stringKeys, HumanName: humanNameKeys, Address: addressKeys },
  reference: {
    Reference: referenceKeys,
    Resource: embeddedKeys,
    canonical: canonicalKeys,
    uri: uriKeys,
    Attachment: presentOnly,
  },
  uri: { canonical: canonicalKeys, uri: uriKeys, url: uriKeys },
  date: {
    date: dateKeys,
    dateTime: dateKeys,
    instant: dateKeys,
    Period: periodKeys,
    Timing: timingKeys,
    string: presentOnly,
    Age: presentOnly,
    Range: presentOnly,
  },
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
