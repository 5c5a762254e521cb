/** Compiles one mapping file to a Lens. */
import type { Resource } from '@medplum/fhirtypes'
import { isResourceType } from '../r4/elements.ts'
import { buildState } from './build-state.ts'
import { cellsReader } from './cells.ts'
import { all, compileAnyFilled } from './condition.ts'
import type { Predicate } from './condition.ts'
import type { ElementPath } from './element-path.ts'
import { compileResource } from './element-builder.ts'
import { insertLeaf, objectNode } from './element-tree.ts'
import type { Leaf, ObjectNode, Read } from './element-tree.ts'
import { MappingProblem, UnreadableError } from './errors.ts'
import { lineageIn, lineageOf } from './explain.ts'
import type { ElementLineage } from './explain.ts'
import { chooseKey, resourceId } from './identity.ts'
import type { Lens, LensContext, Part, Rows } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { MappingData, RuleData } from './mapping-file.ts'
import { GATEWAY, ownedBy } from './ownership.ts'
import type { Owned, Owner } from './ownership.ts'
import { ownerKeyOf, ownerRule, putPlan } from './put-plan.ts'
import { emptyPart, putPart } from './put.ts'
import { referencesOf } from './reference.ts'
import { compileRule, conditionsOf } from './rule.ts'
import type { Rule } from './rule.ts'
import { accessorsAt } from './scope.ts'
import type { Scope, Target } from './scope.ts'
import { aliasesOf, compileJoins, compileSourceRules } from './source.ts'
import { settle } from './settle.ts'
import { sourceElements } from './source-elements.ts'
import { tracedLeaf } from './trace.ts'
import { understand } from './understand.ts'
import { versionOf } from './version.ts'
import { compileWriteRules } from './write-rules.ts'
import type { WriteRules } from './write-rules.ts'
import type { MappingFileError } from './errors.ts'
import type { YamlFile, YamlPath } from './yaml-file.ts'

/** What is the same for a row's resources of one shape: a mapping has one, a split mapping one a part. */
interface Shape {
  readonly slot: string
  readonly holds: Predicate
  readonly rules: readonly Rule[]
  readonly owned: Owned
  readonly build: Read
  /** builds the resource with values that remember their rules */
  trace(): Read
}

export function compileMapping(
  file: YamlFile,
  data: MappingData,
  target: Target,
  scopeOf: Omit<Scope, 'file' | 'mapping' | 'resourceType' | 'aliases' | 'cells'>,
): { lens?: Lens; errors: MappingFileError[] } {
  if (!isResourceType(data.resource)) {
    return { errors: [file.error(['resource'], `"${data.resource}" is no FHIR R4 resource type`)] }
  }
  const scope: Scope = {
    ...scopeOf,
    file,
    mapping: data.mapping,
    resourceType: data.resource,
    aliases: aliasesOf(data),
    cells: { cells: [] },
  }
  const errors: MappingFileError[] = []
  const attempt = <T>(compile: () => T): T | undefined => {
    try {
      return compile()
    } catch (error) {
      errors.push(error as MappingFileError)
      return undefined
    }
  }
  const source = attempt(() => compileSourceRules(scope, data))
  const joins = attempt(() => compileJoins(scope, data))
  const shapes = compileShapes(scope, data, attempt)
  const rules = shapes.flatMap((shape) => shape.rules)
  const writes = joins && attempt(() => compileWriteRules(scope, data, joins, rules))
  if (errors.length > 0 || !source || !joins || !writes) return { errors }
  return { lens: lensOf(scope, data, target, { source, joins, shapes, writes }), errors }
}

type Attempt = <T>(compile: () => T) => T | undefined

function compileShapes(scope: Scope, data: MappingData, attempt: Attempt): Shape[] {
  const shared = compileRules(scope, data.rules, ['rules'], attempt)
  if (!data.split) {
    const shape = attempt(() =>
      shapeOf(scope, data, { slot: '', holds: all([]), rules: shared, at: ['rules'], profiles: listOf(data.profile) }),
    )
    return shape ? [shape] : []
  }
  return Object.entries(data.split).flatMap(([slot, part]) => {
    const at = ['split', slot]
    const own = compileRules(scope, part.rules, [...at, 'rules'], attempt)
    const shape = attempt(() => {
      const holds = all([
        ...conditionsOf(scope, part.when, [...at, 'when']),
        ...(part.needs ? [compileAnyFilled(accessorsAt(scope, part.needs, [...at, 'needs']))] : []),
      ])
      const profiles = listOf(part.profile ?? data.profile)
      return shapeOf(scope, data, { slot, holds, rules: [...shared, ...own], at: [...at, 'rules'], profiles })
    })
    return shape ? [shape] : []
  })
}

function compileRules(scope: Scope, rules: readonly RuleData[], at: YamlPath, attempt: Attempt): Rule[] {
  return rules.flatMap((rule, index) => attempt(() => compileRule(scope, rule, [...at, index])) ?? [])
}

interface ShapePlan {
  readonly slot: string
  readonly holds: Predicate
  readonly rules: readonly Rule[]
  readonly at: YamlPath
  readonly profiles: readonly string[]
}

function shapeOf(scope: Scope, data: MappingData, { slot, holds, rules, at, profiles }: ShapePlan): Shape {
  const made = sourceElements(scope, data, profiles)
  const readable = rules.filter(({ only }) => only === undefined || only === 'read')
  const treeOf = (leafOf: (leaf: Leaf, owner: Owner) => Leaf): ObjectNode => {
    const root = objectNode()
    for (const { path, leaf } of made) insertLeaf(root, path, leafOf(leaf, GATEWAY))
    for (const rule of readable) {
      for (const [index, path] of rule.paths.entries()) insertLeaf(root, path, leafOf(rule.leaves[index] as Leaf, rule))
    }
    return root
  }
  const used = new Set([
    ...made.flatMap(({ leaf }) => leaf.decided?.needs ?? []),
    ...readable.flatMap(({ cells }) => cells),
  ])
  const read = cellsReader(scope.cells, used)
  let trace: Read | undefined
  const owned = ownedBy(
    rules,
    made.map(({ path }) => path),
  )
  try {
    const build = compileResource(
      treeOf((leaf) => leaf),
      read,
    )
    return { slot, holds, rules, owned, build, trace: () => (trace ??= compileResource(treeOf(tracedLeaf), read)) }
  } catch (error) {
    throw scope.file.error(at, (error as Error).message)
  }
}

interface Compiled {
  readonly source: ReturnType<typeof compileSourceRules>
  readonly joins: Lens['joins']
  readonly shapes: readonly Shape[]
  readonly writes: WriteRules
}

function lensOf(scope: Scope, data: MappingData, target: Target, compiled: Compiled): Lens {
  const { source, joins, shapes, writes } = compiled
  const bySlot = new Map(shapes.map((shape) => [shape.slot, shape]))
  const shapeAt = (slot: string): Shape => (data.split ? bySlot.get(slot) : shapes[0]) as Shape
  const shapeFor = (part: Part): Shape => shapeAt(part.slot)
  const plan = putPlan(scope, data)
  const owner = ownerRule(data, plan, shapes)
  const references = new Map(shapes.map((shape) => [shape, referenceRules(shape)]))
  const lens: Lens = {
    name: data.mapping,
    system: scope.system.system,
    type: data.resource,
    collection: data.source.collection,
    alias: data.source.alias,
    joins,
    shared: data.id !== undefined || data.sid !== undefined,
    hash: versionOf(scope, shapes.flatMap(targetsOf)),
    profiles: profilesOf(scope, data),
    fileSlots: [...new Set(shapes.flatMap(fileSlotsOf))],
    sealed: shapes.flatMap(sealedOf),
    targets: [...new Set(shapes.flatMap(targetsOf).map(({ type }) => type))],
    parts: (rows) => (source.holds(rows) ? partsOf(lens, data, target, compiled, rows) : []),
    references: (part) => (references.get(shapeFor(part)) ?? []).flatMap((rule) => referencesOf(rule, part.rows)),
    get: (part, context) => getPart(part, context, shapeFor(part), data),
    explain: (part, resource, context) => explainPart(scope, data, shapeFor(part), { part, resource, context }),
    slots: data.split ? [...bySlot.keys()] : [''],
    ...(plan.each && { each: plan.each }),
    writes,
    put: (part, resource, context) => putPart(plan, shapeFor(part).rules, part, resource, context),
    settle: (slot, sent, before, after) => settle(shapeAt(slot).owned, sent, before, after),
    understand: (slot, sent) => understand(shapeAt(slot).owned, sent),
    blank: (slot, rows, index) => blankPart(lens, slot, rows, index),
    ownerKey: (sent) => owner && ownerKeyOf(owner, sent),
    empty: (part) => emptyPart(plan, shapeFor(part).rules, part),
  }
  scope.lenses.set(lens.name, lens)
  return lens
}

interface Explained {
  readonly part: Part
  readonly resource: Resource | undefined
  readonly context: LensContext
}

function explainPart(
  scope: Scope,
  data: MappingData,
  shape: Shape,
  { part, resource, context }: Explained,
): readonly ElementLineage[] {
  const traced = shape.trace()(part.rows, buildState(data.mapping, part, context)) as object
  const given = lineageOf(scope, data, part, traced)
  return resource ? lineageIn(resource, given) : given
}

function partsOf(lens: Lens, data: MappingData, target: Target, { source, shapes }: Compiled, rows: Rows): Part[] {
  const { mark, key } = data.id === undefined ? keyOf(data, source, rows) : { mark: '', key: '' }
  const prefix = target.prefix + mark + target.mark
  const gone = source.gone(rows)
  const parts: Part[] = []
  for (const bound of source.bind(rows)) {
    for (const shape of shapes) {
      if (!shape.holds(bound.rows)) continue
      const slot = shape.slot || bound.slot
      const id = data.id ?? resourceId(prefix, key, slot)
      const { rows: own, index } = bound
      const part = { lens, type: lens.type, id, slot, gone, rows: own }
      parts.push(index === undefined ? part : { ...part, index })
    }
  }
  return parts
}

function profilesOf({ base }: Scope, { profile, split = {} }: MappingData): string[] {
  const texts = [...listOf(profile), ...Object.values(split).flatMap((part) => listOf(part.profile))]
  return texts.map((text) => text.replace(/^IB\//, `${base}/`))
}

function keyOf(data: MappingData, source: Compiled['source'], rows: Rows): { mark: string; key: string } {
  const key = chooseKey(source.keys, rows)
  if (!key) throw new MappingProblem(data.mapping, 'key', 'the row has no key')
  return key
}

function referenceRules({ rules }: Shape) {
  return rules.flatMap(({ source }) => ('rule' in source ? [source.rule] : []))
}

function blankPart(lens: Lens, slot: string, rows: Rows, index: number | undefined): Part {
  return { ...{ lens, type: lens.type, id: '', slot, gone: false, rows }, ...(index !== undefined && { index }) }
}

function sealedOf({ rules }: Shape): ElementPath[] {
  return rules.flatMap(({ data, paths }) => (data.sealed ? paths : []))
}

function fileSlotsOf({ rules }: Shape): string[] {
  return rules.flatMap(({ fileSlot }) => fileSlot ?? [])
}

function targetsOf(shape: Shape): Target[] {
  return referenceRules(shape).flatMap(({ candidates }) => candidates.map(({ target }) => target))
}

function getPart(part: Part, context: LensContext, { build }: Shape, { mapping }: MappingData): Resource | undefined {
  if (part.gone) return undefined
  const state = buildState(mapping, part, context)
  try {
    return build(part.rows, state) as Resource
  } catch (error) {
    if (error instanceof UnreadableError) throw new MappingProblem(mapping, state.rule, error.message)
    throw error
  }
}
