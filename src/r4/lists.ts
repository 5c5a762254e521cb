/**
 * Lists: what is asked of a type in the order of a date, page by page (the appointments of a practitioner, a patient's
 * results, the cases that wait). Search keys alone lead to all that fit, which would then be sorted; so those that lists are
 * asked by stand a second time, together with the date, in an index that has them in its order (src/fhir/search/listed.ts).
 */
import type { SearchKeys } from './keys/shape.ts'
import { keyLimits } from './keys/text.ts'
import { LEVELS, labelParameters, levelsOf } from './labels.ts'
import type { Level } from './labels.ts'

export interface List {
  /** code of the date that they come by, of which a resource has one */
  readonly by: string
  /** what they are asked by, what leads to least first; each makes every resource of the type dearer to write */
  readonly of: readonly Shape[]
}

/** How search keys begin that are asked for together; `performer:missing=` is told by whether there are any. */
export type Shape = readonly string[]

const STATUS = 'status=*|'
/** Of a coding with a system. */
const CATEGORY = 'category=http'

const lists: Readonly<Record<string, List>> = {
  Appointment: { by: 'date', of: [['patient='], ['practitioner='], ['actor='], [STATUS]] },
  Communication: {
    by: 'sent',
    of: [['patient='], ['sender='], ['recipient='], ['subject='], ['category:missing=', STATUS], ['category:missing=']],
  },
  Consent: { by: 'date', of: [['patient='], [STATUS]] },
  DiagnosticReport: { by: 'date', of: [['patient=']] },
  DocumentReference: { by: 'date', of: [['patient='], [STATUS]] },
  MedicationRequest: { by: 'authoredon', of: [['patient='], ['requester='], [STATUS]] },
  Observation: { by: 'date', of: [['patient='], [CATEGORY, STATUS], [CATEGORY]] },
  ServiceRequest: {
    by: 'authored',
    of: [
      ['patient='],
      ['requester='],
      [CATEGORY, STATUS, 'performer:missing='],
      ['performer='],
      [CATEGORY, STATUS],
      [CATEGORY],
    ],
  },
}

/** What the keys of lists are called where parameters are built (parameter-hashes.ts). */
export const LISTS = '_sort'

/** The key that all resources of the type have. */
export const ANY = '*'

export const listedTypes = Object.keys(lists)

export function listOf(type: string): List | undefined {
  return Object.hasOwn(lists, type) ? lists[type] : undefined
}

/** `w` may be null: what has no date comes before all that have one. */
export function listKeys(type: string, { k, o }: Pick<SearchKeys, 'k' | 'o'>): Pick<SearchKeys, 's' | 'w' | 'c'> {
  const list = listOf(type)
  if (!list) return {}
  const date = o[list.by]
  const keys = list.of.flatMap((shape) => together(shape.map((part) => partOf(k, part))))
  const isLabelled = labelParameters(type).some((code) => o[code] !== undefined)
  return {
    s: [ANY, ...keys],
    w: date instanceof Date ? date : null,
    c: isLabelled ? levelsOf(type, k).join('') : '',
  }
}

/** All that may stand in `c` of what is confidential on none of these levels. */
export function notConfidential(levels: readonly Level[]): string[] {
  const left = LEVELS.filter((level) => !levels.includes(level))
  return left.reduce<string[]>((all, level) => [...all, ...all.map((each) => each + level)], [''])
}

/** One of each, in all ways. */
export function together(parts: readonly (readonly string[])[]): string[] {
  return parts.reduce<string[]>(
    (before, keys) => before.flatMap((start) => keys.map((key) => (start === '' ? key : `${start}&${key}`))),
    [''],
  )
}

const MISSING = ':missing='

/** Not what any code of a system has: nobody asks for lists of these. */
export function isOfPart(key: string, part: string): boolean {
  return key.startsWith(part) && !key.endsWith('|*')
}

function partOf(keys: readonly string[], part: string): string[] {
  if (!part.endsWith(MISSING)) return keys.filter((key) => isOfPart(key, part))
  const [from, to] = keyLimits(part.slice(0, -MISSING.length))
  return [`${part}${!keys.some((key) => key >= from && key < to)}`]
}
