/**
 * Rules that R4 states in words, with no expression to evaluate: codes are codes of their systems, units are units of UCUM,
 * the address of an entry is that of the resource in it, and a document has what its Composition names.
 */
import { parseReference } from '../references.ts'
import type { CodeKnowledge } from './code-knowledge.ts'
import { childrenOf, isJsonObject, type Items } from './fhirpath/items.ts'
import { find, type Walk } from './finding.ts'
import { referred } from './references.ts'

type JsonObject = Readonly<Record<string, unknown>>
type Rule = (walk: Walk, value: JsonObject, codes: CodeKnowledge) => void

const OURS = { aspect: 'invariants', severity: 'error' } as const

/** By the type of what they are asked of. */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Coding', checkCode],
  ...['Quantity', 'Age', 'Count', 'Distance', 'Duration'].map((type): [string, Rule] => [type, checkCode]),
  ['Bundle', checkBundle],
])

/** "The code SHALL be one of the system" (R4 datatypes.html#Coding, #Quantity); what is not loaded whole is not known. */
function checkCode(walk: Walk, { system, version, code }: JsonObject, codes: CodeKnowledge): void {
  if (typeof system !== 'string' || typeof code !== 'string') return
  const known = { system, code, ...(typeof version === 'string' && { version }) }
  if (codes.inSystem(known) !== 'out') return
  find(walk, { ...OURS, code: 'code-invalid', message: `The code is none of ${system}.` }, 'code')
}

function checkBundle(walk: Walk, bundle: JsonObject): void {
  checkFullUrls(walk, bundle)
  if (bundle['type'] === 'document') checkDocument(walk, bundle)
}

/** "The fullUrl SHALL NOT disagree with the id in the resource" (R4 bundle.html, Bundle.entry.fullUrl). */
function checkFullUrls(walk: Walk, { entry }: JsonObject): void {
  if (!Array.isArray(entry)) return
  for (const [index, each] of entry.entries()) {
    const { fullUrl, resource } = isJsonObject(each) ? each : {}
    if (typeof fullUrl !== 'string' || !isJsonObject(resource)) continue
    const named = parseReference(fullUrl)
    const { resourceType, id } = resource
    if (!named || typeof id !== 'string' || (named.type === resourceType && named.id === id)) continue
    const message = 'The fullUrl must end with the type and the id of the resource.'
    find(walk, { ...OURS, code: 'value', message }, `entry[${index}].fullUrl`)
  }
}

/** What of a Composition must be in its document (R4 documents.html#content). */
const IN_DOCUMENT = ['subject', 'encounter', 'author', 'custodian', 'attester.party', 'event.detail']

function checkDocument(walk: Walk, bundle: JsonObject): void {
  const [first] = childrenOf(childrenOf([{ value: bundle, type: 'Bundle' }], 'entry'), 'resource')
  if (first?.type !== 'Composition') return
  const root = { ...walk, root: { value: bundle, type: 'Bundle' }, resource: first }
  const named = IN_DOCUMENT.flatMap((path) => path.split('.').reduce<Items>(childrenOf, [first]))
  const isMissing = [...named, ...entriesOf(childrenOf([first], 'section'))].some((reference) => {
    const text = isJsonObject(reference.value) ? reference.value['reference'] : undefined
    return typeof text === 'string' && !referred(root, reference)
  })
  if (!isMissing) return
  const message = 'A document must have every resource that its Composition names, and one is not there.'
  find(walk, { ...OURS, code: 'not-found', message }, 'entry[0].resource')
}

function entriesOf(sections: Items): Items {
  if (sections.length === 0) return []
  return [...childrenOf(sections, 'entry'), ...entriesOf(childrenOf(sections, 'section'))]
}

/** A code that only says why it is missing is none of the value set (R4 terminologies.html#required). */
export function checkMissingCode(walk: Walk, name: string): void {
  find(walk, { ...OURS, code: 'required', message: `${name} must have a code: why it is missing is none.` })
}
