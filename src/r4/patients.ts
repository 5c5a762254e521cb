/**
 * Whose a resource is, told by its text: cheap enough to be asked of everything that is read.
 *
 * A text that names one patient is of that one. Only one that names several is parsed, and is of those in whose
 * compartments it is (src/r4/compartments.ts).
 */
import { compartmentParameters } from './compartments.ts'
import type { JsonObject } from './element-paths.ts'
import { parseJson } from './json.ts'
import { uriKey } from './keys/text.ts'
import { searchKeys } from './search-keys.ts'

/** As a reference begins in JSON. */
const MARK = '"Patient/'
const ID = /^[A-Za-z0-9\-.]{1,64}/

/** Of what is stored as its bytes or as a text; '' where it is deleted. */
export function patientsIn(type: string, id: string, body: Buffer | string): readonly string[] {
  if (type === 'Patient') return [id]
  const named = namedIn(type, body)
  return named.length < 2 ? named : inCompartments(type, named, body)
}

const NOBODY: readonly string[] = []
const inSome = new Map<string, boolean>()

/** Types that are never in a patient's compartment name patients as part of something else, but for tasks, devices, files. */
function isOfPatients(type: string): boolean {
  let known = inSome.get(type)
  if (known === undefined) {
    known = ['Binary', 'Device'].includes(type) || compartmentParameters('Patient', type).length > 0
    inSome.set(type, known)
  }
  return known
}

function namedIn(type: string, body: Buffer | string): readonly string[] {
  if (!isOfPatients(type)) return NOBODY
  let at = body.indexOf(MARK)
  if (at < 0) return NOBODY
  const found = new Set<string>()
  for (; at >= 0; at = body.indexOf(MARK, at)) {
    at += MARK.length
    const [id] = ID.exec(part(body, at)) ?? []
    if (id !== undefined) found.add(id)
  }
  return [...found].sort()
}

function part(body: Buffer | string, at: number): string {
  return typeof body === 'string'
    ? body.slice(at, at + 64)
    : body.toString('latin1', at, Math.min(at + 64, body.length))
}

function inCompartments(type: string, named: readonly string[], body: Buffer | string): readonly string[] {
  const codes = type === 'Device' ? ['patient'] : compartmentParameters('Patient', type)
  const keys = new Set(searchKeys(parseJson(body.toString()) as JsonObject).k)
  const own = named.filter((id) => codes.some((code) => keys.has(uriKey(code, `Patient/${id}`))))
  // A file has no search keys: it is of whoever it names
  return codes.length === 0 ? named : own
}
