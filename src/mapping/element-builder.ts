/**
 * Compiles an element tree to one closure that builds the object.
 *
 * Measured: subtrees made of constants only are built once and shared (a vital sign is mostly constants).
 */
import type { Cells } from './cells.ts'
import { ExtendedPrimitive } from './codec.ts'
import type { Test } from './element-path.ts'
import type { Constant, Decided, FieldNode, ItemNode, Leaf, ObjectNode, Read } from './element-tree.ts'
import type { Rows } from './lens.ts'
import { literalOf } from './literals.ts'

interface Built {
  readonly read: Read
  readonly constant?: Constant
  /** where these cells say that nothing comes of it, it is not even asked */
  readonly decided?: Decided
}

/** An entry of an object: a discriminator's constant, or something built. */
type Entry = FixedEntry | ReadEntry

interface Place {
  readonly name: string
  readonly order: number
}

type FixedEntry = Place & { readonly fixed: unknown }
type ReadEntry = Place & { readonly built: Built }

/** The whole resource: type and id first, then the elements. */
export function compileResource(root: ObjectNode, readCells: (rows: Rows) => Cells): Read {
  const entries = fieldEntries(root).sort((a, b) => a.order - b.order)
  const { names, reads, needs, unless } = columnsOf(entries)
  return (rows, state) => {
    const { type, id } = state.part
    const cells = readCells(rows)
    state.cells = cells
    state.rows = rows
    const resource: Record<string, unknown> = { resourceType: type, id }
    for (let i = 0; i < reads.length; i++) {
      if (isDecided(cells, needs[i] as number, unless[i] as number)) continue
      const value = (reads[i] as Read)(rows, state)
      if (value !== undefined) setElement(resource, names[i] as string, value)
    }
    return resource
  }
}

function compileObject(node: ObjectNode, tests: readonly Test[]): Built {
  const entries = [...fixedEntries(node, tests), ...fieldEntries(node)].sort((a, b) => a.order - b.order)
  const constants = constantsOf(entries.flatMap((entry) => ('built' in entry ? [entry.built] : [])))
  return constants ? constantObject(entries, constants[0]) : objectReader(entries)
}

function fieldEntries(node: ObjectNode): Entry[] {
  return [...node.fields].map(([name, field]) => ({ name, order: field.element.order, built: compileField(field) }))
}

/** `system=phone` of a discriminator makes `system: 'phone'`; a Reference target is made by its own rule. */
function fixedEntries(node: ObjectNode, tests: readonly Test[]): Entry[] {
  return tests.flatMap(({ path: [name = '', ...rest], lists, value, target }) => {
    if (target || node.fields.has(name)) return []
    const inList = (inner: unknown, index: number): unknown => (lists[index] ? [inner] : inner)
    const fixed = rest.reduceRight<unknown>((inner, step, i) => ({ [step]: inList(inner, i + 1) }), value)
    return [{ name, order: -1, fixed: inList(fixed, 0) }]
  })
}

/** The constants all of these are, if they stand and fall together. */
function constantsOf(built: readonly Built[]): readonly [Constant, ...Constant[]] | undefined {
  const constants = built.flatMap(({ constant }) => constant ?? [])
  const [first] = constants
  const together =
    constants.length === built.length && constants.every(({ guard }) => guard?.text === first?.guard?.text)
  return first && together ? [first, ...constants.slice(1)] : undefined
}

function constantObject(entries: readonly Entry[], { guard }: Constant): Built {
  const members = entries.map((entry) => [entry.name, fixedValue(entry)])
  return shared({ value: Object.freeze(Object.fromEntries(members)), ...(guard && { guard }) })
}

function shared(constant: Constant): Built {
  const { value, guard } = constant
  if (!guard) return { read: () => value, constant }
  const { holds, decided } = guard
  return { read: (_rows, { cells }) => (holds(cells) ? value : undefined), constant, decided }
}

/**
 * Discriminators and constants that come first are there from the start. Nothing when no element but discriminators has
 * a value: most objects of a row are not there, so they cost nothing.
 */
function objectReader(entries: readonly Entry[]): Built {
  const varying = entries.findIndex((entry) => !isFixed(entry))
  const first = entries.slice(0, varying)
  const fixed = first.map((entry): Member => [entry.name, fixedValue(entry)])
  const always = first.some((entry) => 'built' in entry)
  const read = entries.slice(varying).filter((entry) => 'built' in entry)
  const decided = always ? {} : decidedAlike(read.map(({ built }) => built))
  const [only] = read
  if (only && read.length === 1) return { read: memberReader(fixed, only, always), decided }
  const fresh = freshObject(fixed)
  const { names, reads, needs, unless } = columnsOf(read)
  const readObject: Read = (rows, state) => {
    const { cells } = state
    let object = always ? fresh() : undefined
    for (let i = 0; i < reads.length; i++) {
      if (isDecided(cells, needs[i] as number, unless[i] as number)) continue
      const value = (reads[i] as Read)(rows, state)
      if (value === undefined) continue
      object ??= fresh()
      setElement(object, names[i] as string, value)
    }
    return object
  }
  return { read: readObject, decided }
}

/** What decides that there is nothing of each of these decides it of all. */
function decidedAlike([first, ...others]: readonly Built[]): Decided {
  const { needs, unless } = first?.decided ?? {}
  return {
    ...(needs !== undefined && others.every(({ decided }) => decided?.needs === needs) && { needs }),
    ...(unless !== undefined && others.every(({ decided }) => decided?.unless === unless) && { unless }),
  }
}

/** One element beside what is fixed: most extensions. */
function memberReader(first: Members, { name, built: { read } }: ReadEntry, always: boolean): Read {
  const fresh = freshObject(first)
  const literal = literalOf(first, name)
  return (rows, state) => {
    const value = read(rows, state)
    if (value === undefined) return always ? fresh() : undefined
    if (literal !== undefined && !(value instanceof ExtendedPrimitive)) return literal(value)
    const object = fresh()
    setElement(object, name, value)
    return object
  }
}

function isFixed(entry: Entry): boolean {
  return 'fixed' in entry || (entry.built.constant !== undefined && entry.built.constant.guard === undefined)
}

function fixedValue(entry: Entry): unknown {
  return 'fixed' in entry ? entry.fixed : entry.built.constant?.value
}

type Member = readonly [name: string, value: unknown]
type Members = readonly Member[]
type Fresh = () => Record<string, unknown>

/** Written out for the usual ones: V8 makes such an object in a fraction of the time of a copy. */
function freshObject(fixed: Members): Fresh {
  const [first, second] = fixed
  if (!first) return () => ({})
  const [name, value] = first
  if (!second && name === 'url') return () => ({ url: value })
  if (!second && name === 'system') return () => ({ system: value })
  const all = Object.fromEntries(fixed)
  return () => ({ ...all })
}

/** The number of no cell. */
const NEVER = -1

interface Columns {
  readonly names: readonly string[]
  readonly reads: readonly Read[]
  readonly needs: readonly number[]
  readonly unless: readonly number[]
}

/** The entries that are read, as lists side by side. */
function columnsOf(entries: readonly Entry[]): Columns {
  const read = entries.filter((entry) => 'built' in entry)
  return { names: read.map(({ name }) => name), ...readsOf(read.map(({ built }) => built)) }
}

function readsOf(built: readonly Built[]): Omit<Columns, 'names'> {
  return {
    reads: built.map(({ read }) => read),
    needs: built.map(({ decided }) => decided?.needs ?? NEVER),
    unless: built.map(({ decided }) => decided?.unless ?? NEVER),
  }
}

function isDecided(cells: Cells, needs: number, unless: number): boolean {
  return (needs !== NEVER && cells[needs] === null) || (unless !== NEVER && cells[unless] !== null)
}

function setElement(object: Record<string, unknown>, name: string, value: unknown): void {
  if (typeof value === 'object' && value instanceof ExtendedPrimitive) setExtended(object, name, value)
  else object[name] = value
}

function setExtended(object: Record<string, unknown>, name: string, { value, extension }: ExtendedPrimitive): void {
  if (value !== undefined) object[name] = value
  object[`_${name}`] = { extension }
}

function compileField(field: FieldNode): Built {
  if (!field.element.array) return compilePlace(field)
  const items = field.items.map(compileItem)
  const constants = constantsOf(items)
  if (constants) return shared({ ...constants[0], value: Object.freeze(constants.flatMap(({ value }) => value)) })
  const [only] = field.items
  if (only && items.length === 1) {
    const { read, decided } = items[0] as Built
    return { read: givesList(only) ? nonEmpty(read) : inList(read), ...(decided && { decided }) }
  }
  return { read: arrayReader(field.items, items) }
}

function arrayReader(nodes: readonly ItemNode[], items: readonly Built[]): Read {
  const lists = nodes.map(givesList)
  const { reads, needs, unless } = readsOf(items)
  return (rows, state) => {
    const { cells } = state
    let array: unknown[] | undefined
    for (let i = 0; i < reads.length; i++) {
      if (isDecided(cells, needs[i] as number, unless[i] as number)) continue
      const value = (reads[i] as Read)(rows, state)
      if (value === undefined) continue
      if (lists[i]) (array ??= []).push(...(value as unknown[]))
      else if (array === undefined) array = [value]
      // pushed to, it would be given room for 16 more
      else if (array.length === 1) array = [array[0], value]
      else array.push(value)
    }
    return array !== undefined && array.length > 0 ? array : undefined
  }
}

function inList(read: Read): Read {
  return (rows, state) => {
    const value = read(rows, state)
    return value === undefined ? undefined : [value]
  }
}

function nonEmpty(read: Read): Read {
  return (rows, state) => {
    const value = read(rows, state) as readonly unknown[] | undefined
    return value !== undefined && value.length > 0 ? value : undefined
  }
}

function givesList(item: ItemNode): boolean {
  return item.selector.kind === 'list' || item.selector.kind === 'repeat'
}

function compileItem(item: ItemNode): Built {
  if (item.selector.kind !== 'repeat') return compilePlace(item)
  const build = compilePlace(item).read
  const { read, decided } = item.driver as Leaf
  return {
    ...(decided && { decided }),
    read: (rows, state) => {
      const values = read(rows, state) as readonly unknown[] | undefined
      if (values === undefined) return undefined
      const items: unknown[] = []
      for (const value of values) {
        state.item = value
        const built = build(rows, state)
        if (built !== undefined) items.push(built)
      }
      return items
    },
  }
}

function compilePlace(place: { leaf?: Leaf; object?: ObjectNode; selector?: ItemNode['selector'] }): Built {
  if (place.leaf) return place.leaf
  const tests = place.selector && 'tests' in place.selector ? place.selector.tests : []
  return compileObject(place.object as ObjectNode, tests)
}
