/**
 * `coding`: a code as text, or `[code, display]` ↔ CodeableConcept (or Coding) of one `system`.
 *
 * `loinc: true`: a code shaped like LOINC takes that system, any other the local one (entities §2, hms testCode).
 */
import type { Codec, CodecContext, CodecDefinition, CodecOptions } from '../codec.ts'
import { refuseLoss } from './covers.ts'
import { readText, storeText } from './text.ts'

interface Coding {
  readonly system?: string
  readonly code?: string
  readonly display?: string
}

interface Plan {
  readonly system: string
  readonly loinc: boolean
  readonly upperCase: boolean
  /** the display goes into the coding, not only into the text */
  readonly display: boolean
  /** the element is a Coding, not a CodeableConcept */
  readonly bare: boolean
}

const LOINC = /^\d{1,5}-\d$/

function planOf(options: CodecOptions): Plan {
  return {
    system: String(options['system']),
    loinc: options['loinc'] === true,
    upperCase: options['upper-case'] === true,
    display: options['display'] !== false,
    bare: options.type === 'Coding',
  }
}

function codingOf(plan: Plan, code: string, display: string | undefined, context: CodecContext): Coding {
  const local = plan.system.startsWith('IB/') ? context.base + plan.system.slice(2) : plan.system
  const shown = plan.upperCase ? code.toUpperCase() : code
  const system = plan.loinc && LOINC.test(shown) ? 'http://loinc.org' : local
  return { system, code: shown, ...(display !== undefined && plan.display && { display }) }
}

function read(plan: Plan, stored: unknown, context: CodecContext): object | undefined {
  const [first, second] = (Array.isArray(stored) ? stored : [stored]) as readonly unknown[]
  const code = readText(first)
  const display = readText(second)
  const coding = code === undefined ? undefined : codingOf(plan, code, display, context)
  if (plan.bare) return coding
  if (coding === undefined && display === undefined) return undefined
  return { ...(coding && { coding: [coding] }), ...(display !== undefined && { text: display }) }
}

function write(plan: Plan, fhir: unknown, before: unknown, context: CodecContext): unknown {
  const pair = Array.isArray(before)
  if (fhir === undefined) return pair ? before.map(() => null) : null
  const { coding = [], text } = (plan.bare ? { coding: [fhir] } : fhir) as { coding?: Coding[]; text?: string }
  const [{ code, display } = {} as Coding] = coding
  const codeBefore: unknown = pair ? before[0] : before
  const kept = plan.upperCase && readText(codeBefore)?.toUpperCase() === code ? codeBefore : storeText(code, codeBefore)
  const stored = pair ? [kept, storeText(text ?? display, before[1])] : kept
  refuseLoss(read(plan, stored, context), fhir, plan.bare ? 'coding' : 'concept')
  return stored
}

function codingCodec(plan: Plan): Codec {
  return {
    read: (stored, context) => read(plan, stored, context),
    write: (fhir, before, context) => write(plan, fhir, before, context),
  }
}

export const coding: CodecDefinition = {
  name: 'coding',
  types: ['CodeableConcept', 'Coding'],
  fields: 'any',
  options: {
    system: { type: 'string', minLength: 1 },
    loinc: { type: 'boolean' },
    'upper-case': { type: 'boolean' },
    display: { type: 'boolean' },
  },
  make(options) {
    if (options['system'] === undefined) throw new Error('the codec "coding" needs a "system"')
    return codingCodec(planOf(options))
  },
}
