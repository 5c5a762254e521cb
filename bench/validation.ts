/**
 * What validation adds to a write, in CPU time per resource: `node bench/validation.ts [folder of packages]`.
 *
 * In one run and one process: the check of the structure that every write had before, the invariants of R4 on top, and
 * the profiles a resource claims on top of those. With a folder that holds US Core its Patient is asked; without one a
 * profile of about its size, of this gateway.
 */
import { readPackages } from '../src/conformance/packages.ts'
import { registryOf } from '../src/r4/registry.ts'
import { structureProblems } from '../src/r4/structure.ts'
import { baseDefinitions } from '../src/r4/base-layer.ts'
import { terminologyOf } from '../src/r4/terminology/terminology.ts'
import { codeKnowledge } from '../src/r4/validation/code-knowledge.ts'
import { validatorOf } from '../src/r4/validation/validator.ts'
import { nativeObservation, nativePatient } from './native-resources.ts'

const ROUNDS = 5
const RESOURCES = 5_000
const CORE = 'http://hl7.org/fhir/us/core/StructureDefinition'

const packages = await readPackages(process.argv[2])
const registry = registryOf(
  baseDefinitions(),
  packages.flatMap(({ definitions }) => definitions),
)
const terminology = terminologyOf(registry)
const validator = validatorOf(registry, codeKnowledge(terminology))

const observations = Array.from({ length: RESOURCES }, (_, index) => nativeObservation(index))
const patients = Array.from({ length: RESOURCES }, (_, index) => nativePatient(index))
const claiming = [
  ...observations.map((each) => ({ ...each, meta: { profile: [`${CORE}/us-core-heart-rate`] } })),
  ...patients.map((each) => ({ ...each, meta: { profile: [`${CORE}/us-core-patient`] } })),
]

const works = {
  'structure alone': (resource: object) => structureProblems(resource),
  'invariants of R4': (resource: object) => validator.invariants(resource),
  'profiles it claims': (resource: object) => validator.profiles(resource),
}
const kinds = { Observation: observations, Patient: patients, 'US Core': packages.length > 0 ? claiming : [] }

for (const [kind, resources] of Object.entries(kinds)) {
  for (const [name, work] of Object.entries(works)) {
    if (resources.length > 0) console.log(`${kind}, ${name}: ${measured(resources, work).toFixed(1)} µs CPU`)
  }
}

/** The best of some rounds: the machine is not alone. */
function measured(resources: readonly object[], work: (resource: object) => unknown): number {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (const resource of resources) work(resource)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / resources.length)
  }
  return best
}
