/** Compiles the rules that lead to other resources: references, with or without a name, canonicals, parts of a row. */
import { workedOutCell } from './cells.ts'
import type { ElementPath } from './element-path.ts'
import { takesList } from './element-path.ts'
import { compositeKey } from './identity.ts'
import type { Lens } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { RuleData, TargetData } from './mapping-file.ts'
import type { Candidate } from './reference.ts'
import type { Source } from './rule-leaf.ts'
import { accessorAt, cellAt, fieldAt, markTarget } from './scope.ts'
import type { Scope, Target } from './scope.ts'
import type { YamlPath } from './yaml-file.ts'

export function referenceSource(scope: Scope, data: RuleData, paths: readonly ElementPath[], at: YamlPath): Source {
  const targets = listOf<TargetData>(data.to).map((to, index) => targetAt(scope, to, [...at, 'to', index]))
  const [target] = targets
  if (!target) throw scope.file.error(at, `codec ${data.codec} needs "to: <system>/<mapping>"`)
  if (data.codec === 'parts') {
    const list = paths[0]?.list === true
    return { kind: 'parts', lens: () => scope.lenses.get(target.name) as Lens, list }
  }
  const texts = data.fields ?? [data.field as string]
  if (data.codec === 'canonical') return { kind: 'canonical', target, cell: cellAt(scope, texts[0] as string, at) }
  checkTargets(scope, targets, paths, at)
  if (data.codec === 'reference-or-text') return referenceOrText(scope, data, texts, targets, at)
  if (data.codec === 'reference-or-display') return referenceOrDisplay(scope, data, texts, targets, at)
  const candidates = candidatesOf(scope, texts, targets, at)
  const display = data.display && listOf(data.display).map((text, i) => cellAt(scope, text, [...at, 'display', i]))
  const field = fieldAt(scope, texts[0] as string, at)
  const list = takesList(paths[0] as ElementPath)
  return { kind: 'reference', rule: { candidates, list, ...(display && { display }) }, field }
}

function referenceOrText(
  scope: Scope,
  data: RuleData,
  [key = '', name]: readonly string[],
  targets: readonly Target[],
  at: YamlPath,
): Source {
  const candidates = candidatesOf(scope, [key], targets, at)
  const display = name === undefined ? undefined : [cellAt(scope, name, at)]
  return {
    kind: 'reference-or-text',
    rule: { candidates, ...(display && { display }) },
    fields: name === undefined ? [fieldAt(scope, key, at)] : [fieldAt(scope, key, at), fieldAt(scope, name, at)],
    ...(display && { name: display[0] }),
    ...(data.otherwise !== undefined && { otherwise: data.otherwise }),
  }
}

function referenceOrDisplay(
  scope: Scope,
  { otherwise }: RuleData,
  [key = '', text]: readonly string[],
  targets: readonly Target[],
  at: YamlPath,
): Source {
  if (text === undefined) throw scope.file.error(at, 'codec reference-or-display takes the foreign key and the name')
  const name = cellAt(scope, text, at)
  return {
    kind: 'reference-or-display',
    rule: { candidates: candidatesOf(scope, [key], targets, at), display: [name] },
    fields: [fieldAt(scope, key, at), fieldAt(scope, text, at)],
    name,
    ...(otherwise !== undefined && { otherwise }),
  }
}

function targetAt(scope: Scope, to: TargetData, at: YamlPath): Target {
  const { mapping, mark } = typeof to === 'string' ? { mapping: to, mark: undefined } : to
  const target = scope.targets.get(mapping)
  if (!target) throw scope.file.error(at, `"${mapping}" is no mapping: the reference leads nowhere`)
  return mark === undefined ? target : markTarget(target, target.mark + mark)
}

function checkTargets(scope: Scope, targets: readonly Target[], paths: readonly ElementPath[], at: YamlPath): void {
  const path = paths[0] as ElementPath
  const allowed = path.steps.at(-1)?.element.targets ?? []
  if (path.type !== 'Reference')
    throw scope.file.error([...at, 'fhir'], `"${path.text}" is a ${path.type}, no Reference`)
  const wrong = targets.find(
    ({ type }) => allowed.length > 0 && !allowed.includes(type) && !allowed.includes('Resource'),
  )
  if (wrong)
    throw scope.file.error([...at, 'to'], `"${path.text}" may not point at a ${wrong.type}: ${allowed.join(', ')} only`)
}

/** One `to` for all fields, one field for all of `to`, or pair by pair; all fields together for a composite key. */
function candidatesOf(scope: Scope, texts: readonly string[], targets: readonly Target[], at: YamlPath): Candidate[] {
  const [target] = targets as [Target]
  if (targets.length === 1 && texts.length > 1 && texts.length === target.keyParts) {
    const read = compositeKey(texts.map((text) => accessorAt(scope, text, at)))
    return [{ read, cell: workedOutCell(scope.cells, texts.join(':'), read), target }]
  }
  const keys = texts.map((text) => ({ read: accessorAt(scope, text, at), cell: cellAt(scope, text, at) }))
  if (keys.length === targets.length) return keys.map((key, i) => ({ ...key, target: targets[i] as Target }))
  const [key] = keys
  if (key && keys.length === 1) return targets.map((target) => ({ ...key, target }))
  if (targets.length === 1) return keys.map((key) => ({ ...key, target }))
  throw scope.file.error(at, `fields and to must be of the same length, or one of them a single one`)
}
