/** Whose record a resource is part of, as its search keys tell: the patients in whose compartments it is. */
import { compartmentParameters } from '../../r4/compartments.ts'
import type { Compartment } from '../../r4/compartments.ts'

/** Types that the CompartmentDefinition leaves out may point at a patient all the same: Device, Task. */
const ALSO = ['patient', 'subject', 'for']

/** `keys`: search keys of the resource. Ids of patients. */
export function patientsOf(type: string, keys: readonly string[]): string[] {
  return ownersOf('Patient', [...compartmentParameters('Patient', type), ...ALSO], keys)
}

/** It is one of these patients, in the record of nobody else, or in no record at all. */
export function isOfNobodyElse(
  patients: readonly string[],
  type: string,
  id: string,
  keys: readonly string[],
): boolean {
  if (type === 'Patient') return patients.includes(id)
  return patientsOf(type, keys).every((patient) => patients.includes(patient))
}

export function isInCompartment(owner: Compartment, id: string, type: string, keys: readonly string[]): boolean {
  return ownersOf(owner, compartmentParameters(owner, type), keys).includes(id)
}

function ownersOf(owner: Compartment, codes: readonly string[], keys: readonly string[]): string[] {
  const starts = codes.map((code) => `${code}=${owner}/`)
  return keys.flatMap((key) => {
    const start = starts.find((each) => key.startsWith(each))
    return start === undefined ? [] : [key.slice(start.length)]
  })
}
