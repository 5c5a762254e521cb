/**
 * What is not allowed although a rule allows it: by confidentiality labels, and by Consents of patients. Plain data, as the
 * rest of the Permit; asked of search keys, as its rules are.
 */
import { tokenKey, systemKey, uriKey } from '../r4/keys/text.ts'
import { searchParametersOf } from '../r4/search-parameters.ts'
import { codedParameters } from './coded-parameters.ts'
import type { CodeForm } from './coded-parameters.ts'
import { labelKeys, labelParameters } from '../r4/labels.ts'
import type { Level } from '../r4/labels.ts'
import type { KeyTest } from './key-test.ts'
import { dateTest } from './dates.ts'
import { patientTests, recordTests } from './patient-tests.ts'
import type { Span } from './span.ts'

/** All that is said must hold of a resource; what is not said is not asked for. */
export interface Denial {
  readonly types?: readonly string[]
  /** in the record of one of these patients (ids) */
  readonly patients?: readonly string[]
  /** marked as that confidential */
  readonly level?: Level
  /** with one of these labels */
  readonly labels?: readonly Code[]
  /** with one of these codes, in any element that is searched by code */
  readonly codes?: readonly Code[]
  /** dated in this time: may be, or certainly is */
  readonly dates?: Span & { readonly isCertain: boolean }
  /** is one of these: `Observation/1` */
  readonly names?: readonly string[]
  /** is one of these, or refers to one */
  readonly about?: readonly string[]
  /** not what is of these patients (ids) and of nobody else */
  readonly except?: readonly string[]
  /** nor what one of these says */
  readonly but?: readonly Denial[]
}

/** Without a system: whatever it is; without a code: all of the system. */
export interface Code {
  readonly system?: string
  readonly code?: string
}

/** A resource of the type is denied if it fits any of these. */
export function denialTests(type: string, denial: Denial, form: CodeForm = 'own'): KeyTest[] {
  const { types, patients, except, but = [] } = denial
  if (types && !types.includes(type)) return []
  const some = keyLists(type, denial, form)
  const dates = dateTest(type, denial.dates)
  if (dates === 'none') return []
  const marks = denial.level && { marks: labelParameters(type), level: denial.level }
  const records: KeyTest[] = patients ? recordTests(type, patients) : [{ some: [], none: [] }]
  const spared = [
    ...(except ? patientTests(type, except, false) : []),
    ...but.flatMap((each) => denialTests(type, each, form)),
  ]
  const tests = records.map((test) => ({ ...test, ...marks, ...dates, some: [...test.some, ...some] }))
  const { names, about } = denial
  const named = names ? tests.flatMap((test) => namedTests(type, test, names)) : tests
  const all = about ? named.flatMap((test) => aboutTests(type, test, about)) : named
  return all.map((test) => (spared.length > 0 ? { ...test, but: spared } : test))
}

function keyLists(type: string, { level, labels, codes }: Denial, form: CodeForm): string[][] {
  return [
    ...(level ? [labelKeys(type, level)] : []),
    ...(labels ? [labels.map((each) => codeKey('_security', each))] : []),
    ...(codes
      ? [codedParameters(type, form).flatMap((parameter) => codes.map((each) => codeKey(parameter, each)))]
      : []),
  ]
}

function codeKey(parameter: string, { system, code }: Code): string {
  return code === undefined ? systemKey(parameter, system ?? '') : tokenKey(parameter, system, code)
}

function namedTests(type: string, test: KeyTest, names: readonly string[]): KeyTest[] {
  const own = names.filter((name) => name.startsWith(`${type}/`) && (test.names?.includes(name) ?? true))
  return own.length > 0 ? [{ ...test, names: own }] : []
}

/** It is one of them, or names one. */
function aboutTests(type: string, test: KeyTest, about: readonly string[]): KeyTest[] {
  const references = [...searchParametersOf(type).values()].filter((each) => each.type === 'reference')
  const keys = references.flatMap(({ code }) => about.map((name) => uriKey(code, name)))
  const referring = keys.length > 0 ? [{ ...test, some: [...test.some, keys] }] : []
  return [...namedTests(type, test, about), ...referring]
}
