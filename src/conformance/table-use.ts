/** Which element takes which code table, and what code system its codes are of there. */
import type { ElementDefinition } from '../r4/elements.ts'
import { systemOf } from '../r4/required-codes.ts'
import { testsOf } from './outline.ts'
import type { Place, Statement } from './outline.ts'

export interface TableUse {
  readonly table: string
  /** which of the values that the table gives for a word: it may give one to each of several elements */
  readonly index: number
  /** code system of the codes at this element; the table may name its own */
  readonly system: string | undefined
  /** canonical of R4's required binding */
  readonly required: string | undefined
  /** the element holds codes of the table and nothing else */
  readonly bound: boolean
  /** codes that stand there although the table does not give them: a rule's `empty` */
  readonly others: readonly string[]
}

/** Elements whose values are codes of a code system; any other that takes a table takes its words. */
const CODED = new Set(['code', 'Coding', 'CodeableConcept'])

/** Codecs that look into a table and give something else: the stored word, the answer of another participant. */
const OTHERS = new Set(['source-word', 'participant-answer'])

/** Codecs that give what the table says, or what the codec in `of` gives; others add codes of their own. */
const PLAIN = new Set(['code', 'concept', 'row-code'])
const WRAPPING = new Set(['list-of', 'agreed', 'own-or-shared', 'first-filled'])

/** `around` is the place that the element is in: a code's system stands beside it. */
export function tableUse({ rule, index }: Statement, element: ElementDefinition, around: Place): TableUse | undefined {
  const { table, codec = 'text', of = '', empty } = rule
  if (table === undefined || OTHERS.has(codec) || OTHERS.has(of)) return undefined
  const coded = CODED.has(element.type)
  const plain = PLAIN.has(codec) || (WRAPPING.has(codec) && PLAIN.has(of))
  const single = !Array.isArray(rule.fhir) || rule.fhir.length === 1
  return {
    table,
    index,
    system: coded ? systemAt(element, around) : undefined,
    required: element.binding,
    bound: coded && plain && single,
    others: single && typeof empty === 'string' ? [empty] : [],
  }
}

function systemAt({ binding }: ElementDefinition, around: Place): string | undefined {
  return systemBeside(around) ?? (binding === undefined ? undefined : systemOf(binding))
}

/** `coding[system=…].code`, or a rule that gives `system` as a constant. */
function systemBeside(place: Place): string | undefined {
  const test = testsOf(place).find(({ path }) => path.length === 1 && path[0] === 'system')
  if (test) return test.value
  const [beside] = place.fields.get('system')?.places.values() ?? []
  const constant = beside?.statements[0]?.constant
  return typeof constant === 'string' ? constant : undefined
}
