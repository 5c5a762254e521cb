/**
 * `sealed: true`: a value that the gateway's own copies hold encrypted (docs/sealed-fields.md). It stands at rules that give
 * one column as one text, which in the resource is at places that follow from the rule's path.
 */
import { fits } from './element-value.ts'
import type { ElementPath, Step } from './element-path.ts'
import type { RuleData } from './mapping-file.ts'

/** Where in the resource something is to be sealed: `identifier[1].value`. */
export function sealedPlaces(resource: object, paths: readonly ElementPath[]): Set<string> {
  const places = new Set<string>()
  for (const { steps } of paths) addPlaces(resource, steps, '', places)
  return places
}

function addPlaces(value: unknown, [step, ...rest]: readonly Step[], at: string, places: Set<string>): void {
  if (!step) {
    if (typeof value === 'string') places.add(at)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const member = (value as Readonly<Record<string, unknown>>)[step.name]
  const path = at === '' ? step.name : `${at}.${step.name}`
  if (!Array.isArray(member)) addPlaces(member, rest, path, places)
  else
    for (const [index, item] of member.entries()) {
      if (isMeant(step, item)) addPlaces(item, rest, `${path}[${index}]`, places)
    }
}

/** By number any is: an item may have moved, and one too many sealed is none too few. */
function isMeant({ selector }: Step, item: unknown): boolean {
  return selector === undefined || selector.kind === 'index' || fits(item, selector.tests)
}

const CODECS: readonly unknown[] = [undefined, 'text', 'upper-text']

/** Undefined where the rule may say so. */
export function whyNotSealable(
  { fhir, field, codec, table }: RuleData,
  [path]: readonly ElementPath[],
): string | undefined {
  if (typeof fhir !== 'string' || field === undefined || !CODECS.includes(codec) || table !== undefined) {
    return 'only a rule of one column and one element, which is text, may be sealed'
  }
  const isExtension = path?.steps.some(({ element }) => element.type === 'Extension')
  if (path?.type === 'string' && !path.list && !isExtension) return undefined
  return `"${fhir}" is no single string outside of extensions, and nothing else can be sealed`
}
