/**
 * Confidentiality labels as search keys (https://hl7.org/fhir/R4/security-labels.html#core): of a resource, and of what a
 * document says of itself.
 */
import { tokenKey } from './keys/text.ts'

/** Codes of v3-Confidentiality that not everybody sees. */
export const LEVELS = ['R', 'V'] as const

export type Level = (typeof LEVELS)[number]

/** v3-Confidentiality by the names it has had; a code without a system is taken for one of these. */
const SYSTEMS = [
  'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  'http://hl7.org/fhir/v3/Confidentiality',
  'urn:oid:2.16.840.1.113883.5.25',
  '',
]

/** Beside `meta.security`, which every resource may have. */
const ALSO: Readonly<Record<string, string>> = {
  Composition: 'confidentiality',
  DocumentReference: 'security-label',
}

/** Parameters that read labels of resources of the type. */
export function labelParameters(type: string): string[] {
  const also = ALSO[type]
  return ['_security', ...(also === undefined ? [] : [also])]
}

/** Keys that resources of the type have which are marked so. */
export function labelKeys(type: string, level: Level): string[] {
  return labelParameters(type).flatMap((parameter) => SYSTEMS.map((system) => tokenKey(parameter, system, level)))
}

/** With which of the labels are they marked that have these keys? */
export function levelsOf(type: string, keys: readonly string[]): Level[] {
  return LEVELS.filter((level) => labelKeys(type, level).some((key) => keys.includes(key)))
}
