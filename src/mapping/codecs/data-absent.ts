/** The data-absent-reason extension, which stands where a value is missing (entities G6). */
import { ExtendedPrimitive } from '../codec.ts'

const DATA_ABSENT_REASON = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'

export const unknownExtension = { url: DATA_ABSENT_REASON, valueCode: 'unknown' }
export const unknownPrimitive = new ExtendedPrimitive(undefined, [unknownExtension])
