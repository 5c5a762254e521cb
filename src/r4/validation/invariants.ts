/** The invariants of R4 itself (obs-6, per-1, …) and its rules in words (rules.ts): which a resource breaks. */
import { readDefinitions } from '../definitions.ts'
import { planOf } from '../structure-plan.ts'
import type { CodeKnowledge } from './code-knowledge.ts'
import { expressionOf, type Holds } from './fhirpath/expression.ts'
import { isJsonObject, type Item, resourceItem } from './fhirpath/items.ts'
import { find, type Walk } from './finding.ts'
import { checkMissingCode, RULES } from './rules.ts'

interface Invariant {
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human: string
  readonly holds: Holds
}

type Line = readonly [key: string, severity: 'error' | 'warning', expression: string, human: string]

let lines: Readonly<Record<string, readonly Line[]>> | undefined
const compiled = new Map<string, readonly Invariant[]>()

function allLines(): Readonly<Record<string, readonly Line[]>> {
  return (lines ??= readDefinitions('invariants') as Readonly<Record<string, readonly Line[]>>)
}

/** Compiled when the type first comes. */
function invariantsOf(type: string): readonly Invariant[] {
  const known = compiled.get(type)
  if (known) return known
  const own = Object.hasOwn(allLines(), type) ? (allLines()[type] ?? []) : []
  const invariants = own.map(([key, severity, expression, human]) => ({
    ...{ key, severity, human: human.replace(/\.?\s*$/, '') },
    holds: expressionOf(expression, type),
  }))
  compiled.set(type, invariants)
  return invariants
}

/** Is it one that is asked of every resource? */
export function isBaseInvariant(key: string, expression: string): boolean {
  baseExpressions ??= new Set(Object.values(allLines()).flatMap((each) => each.map(([, , text]) => text)))
  return ASKED.has(key) || baseExpressions.has(expression)
}

let baseExpressions: Set<string> | undefined

/** By the check of the structure; dom-6 is advice. */
const ASKED = new Set([
  ...['ele-1', 'ext-1', 'ref-1', 'txt-1', 'txt-2'],
  ...['dom-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6'],
])

/** Of the resource and all that is in it. What cannot be told breaks nothing. */
export function checkInvariants(walk: Walk, item: Item, codes: CodeKnowledge): void {
  const { value, type } = item
  if (!isJsonObject(value)) return
  for (const { key, severity, human, holds } of invariantsOf(type)) {
    if (holds(item, walk.resource, walk.root) !== false) continue
    find(walk, { aspect: 'invariants', severity, code: 'invariant', message: `${human} (${key}).` })
  }
  RULES.get(type)?.(walk, value, codes)
  const { members } = planOf(type)
  for (const name of Object.keys(value)) {
    const member = members.get(name)
    const below = value[name]
    if (!member || typeof below !== 'object' || below === null) continue
    walk.path.push(member.name)
    const belowType = member.sibling ? 'Element' : member.type
    if (Array.isArray(below)) checkList(walk, below, belowType, codes)
    else {
      if (member.sibling && member.codes && value[member.name] === undefined) checkMissingCode(walk, member.name)
      checkBelow(walk, below, belowType, codes)
    }
    walk.path.pop()
  }
}

function checkList(walk: Walk, list: readonly unknown[], type: string, codes: CodeKnowledge): void {
  for (let index = 0; index < list.length; index++) {
    const each = list[index]
    if (typeof each !== 'object' || each === null) continue
    walk.path.push(index)
    checkBelow(walk, each, type, codes)
    walk.path.pop()
  }
}

function checkBelow(walk: Walk, value: object, type: string, codes: CodeKnowledge): void {
  if (type !== 'Resource') {
    checkInvariants(walk, { value, type }, codes)
    return
  }
  const outer = walk.resource
  walk.resource = resourceItem(value)
  checkInvariants(walk, walk.resource, codes)
  walk.resource = outer
}
