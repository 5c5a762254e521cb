/**
 * `flags` + `codes`: columns of true/false that follow one another (given, then revoked) ↔ one code.
 *
 * The last flag that is set decides: `codes: [rejected, active, inactive]` is none, the first, the second. Written, the
 * flags up to that one are set and those after it are not; a flag that says so already stays as it is.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readBoolean, storeBoolean } from './boolean.ts'

function isSet(flag: unknown): boolean {
  return flag !== null && flag !== undefined && flag !== '' && readBoolean(flag)
}

function write(codes: readonly string[], fhir: unknown, before: unknown): unknown[] {
  const flags = before as readonly unknown[]
  if (fhir === undefined) return flags.map(() => null)
  const wanted = codes.indexOf(fhir as string)
  if (wanted < 0) {
    throw new NotStorableError(`The source has no flag for "${fhir as string}".`, { allowed: codes })
  }
  return flags.map((flag, index) => storeBoolean(index < wanted, flag))
}

export const flags: CodecDefinition = {
  name: 'flags',
  types: ['code'],
  fields: 'any',
  options: { codes: { type: 'array', items: { type: 'string' }, minItems: 2 } },
  make(options) {
    const codes = options['codes'] as readonly string[] | undefined
    if (!codes) throw new Error('the codec "flags" needs "codes": what no flag says, what the first says, and so on')
    return {
      read: (stored) => codes[(stored as readonly unknown[]).findLastIndex(isSet) + 1],
      write: (fhir, before) => write(codes, fhir, before),
    }
  },
}
