/** What prescriptions call their units, and the UCUM codes of those that are sure. */
import { UCUM } from './ucum.ts'

const CODES: Readonly<Record<string, string>> = {
  mg: 'mg',
  g: 'g',
  mcg: 'ug',
  ug: 'ug',
  µg: 'ug',
  ml: 'mL',
  l: 'L',
  tablet: '{tbl}',
  tablets: '{tbl}',
  h: 'h',
  hr: 'h',
  dose: '{dose}',
  puff: '{puff}',
  actuation: '{actuat}',
  iu: '[IU]',
}

export interface UcumQuantity {
  readonly value: unknown
  readonly unit?: string
  readonly system: string
  readonly code: string
}

export function quantityOf(value: unknown, unit: string): UcumQuantity {
  return { value, unit, system: UCUM, code: CODES[unit.toLowerCase()] ?? unit }
}
