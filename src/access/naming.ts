/**
 * What may be named in what is written: whatever a further scope could show. Who books appointments for a patient names the
 * patient and the practitioner with a scope for appointments alone; another patient's record, and what is denied or
 * labelled, is named by nobody who could not see it.
 */
import type { Permit } from './permit.ts'

const made = new WeakMap<Permit, Permit>()

/** The same rights over every type; the same object for the same. */
export function naming(permit: Permit): Permit {
  const { rules } = permit
  if (rules === 'everything') return permit
  let wider = made.get(permit)
  if (!wider) {
    const all = rules.map((rule) => (rule.name === undefined ? { ...rule, type: '*', letters: 'r', where: [] } : rule))
    made.set(permit, (wider = { ...permit, rules: all }))
  }
  return wider
}
