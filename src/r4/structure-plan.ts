/** What may stand in an object of one FHIR type, by JSON property name: made from the definitions once a type. */
import { type ElementDefinition, elementsOf, isPrimitive, isResourceType } from './elements.ts'
import { type PrimitiveCheck, primitiveCheck } from './primitive-values.ts'
import { codesOf } from './required-codes.ts'

export interface Member {
  readonly name: string
  readonly type: string
  readonly array: boolean
  /** It is the `_name` beside the primitive `name` (R4 json.html#primitive). */
  readonly sibling: boolean
  readonly check: PrimitiveCheck | undefined
  /** The codes of its required binding, where they can be listed. */
  readonly codes: ReadonlySet<string> | undefined
  readonly binding: string | undefined
  readonly choice: string | undefined
  readonly targets: readonly string[] | undefined
}

export interface Required {
  /** `status`, `value[x]` */
  readonly name: string
  /** Any of these properties will do. */
  readonly properties: readonly string[]
}

export interface Plan {
  readonly type: string
  readonly isResource: boolean
  readonly members: ReadonlyMap<string, Member>
  readonly required: readonly Required[]
}

const plans = new Map<string, Plan>()

export function planOf(type: string): Plan {
  const known = plans.get(type)
  if (known !== undefined) return known
  const elements = [...(elementsOf(type)?.values() ?? [])]
  const plan = {
    type,
    isResource: isResourceType(type),
    members: new Map(elements.flatMap((element) => membersOf(element, type))),
    required: requiredOf(elements, type),
  }
  plans.set(type, plan)
  return plan
}

function membersOf(element: ElementDefinition, type: string): [string, Member][] {
  const { name, type: elementType, array, binding, choice, targets } = element
  const codes = binding === undefined ? undefined : codesOf(binding)
  const check = primitiveCheck(elementType)
  const member = { name, type: elementType, array, sibling: false, check, codes, binding, choice, targets }
  const own: [string, Member] = [name, member]
  return hasSibling(element, type) ? [own, [`_${name}`, { ...member, sibling: true }]] : [own]
}

/** Ids, the url of an extension and XHTML are attributes or mark-up in XML: nothing can stand beside them. */
function hasSibling({ name, type: elementType }: ElementDefinition, type: string): boolean {
  if (!isPrimitive(elementType) || elementType === 'xhtml' || name === 'id') return false
  return type !== 'Extension' || name !== 'url'
}

function requiredOf(elements: readonly ElementDefinition[], type: string): Required[] {
  const groups = Map.groupBy(
    elements.filter((element) => element.required),
    ({ name, choice }) => (choice === undefined ? name : `${choice}[x]`),
  )
  return [...groups].map(([name, group]) => ({
    name,
    properties: group.flatMap((each) => (hasSibling(each, type) ? [each.name, `_${each.name}`] : [each.name])),
  }))
}
