/**
 * JSON Patch (RFC 6902) on a parsed resource whose numbers keep their digits.
 *
 * The libraries copy by way of JSON text or plain objects, which turns a number kept with its digits into an object: so
 * this is our own. All or nothing: what was given is left as it is, and only the containers on the way are copied.
 */
import { equalJson } from './json-equal.ts'
import { isRawNumber, type JsonValue } from './json.ts'

/** A patch that cannot be applied: one sentence, and the JSON Pointer it is about. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError'
  readonly path: string
  /** A `test` did not hold; anything else is a mistake in the patch, or not a patch for this resource. */
  readonly testFailed: boolean

  constructor(message: string, path: string, testFailed = false) {
    super(message)
    this.path = path
    this.testFailed = testFailed
  }
}

type JsonObject = { [key: string]: JsonValue }
type Container = JsonObject | JsonValue[]

interface Operation {
  readonly op: string
  readonly path: string
  readonly from: string
  readonly value: JsonValue | undefined
}

/** Limits what a small body can make the gateway do. */
const mostOperations = 1000
const mostCopied = 4_000_000
const withValue = new Set(['add', 'replace', 'test'])
const withFrom = new Set(['move', 'copy'])

/** The document with all operations applied, in order; the given one is not changed. */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) throw new JsonPatchError('A JSON Patch must be a list of operations.', '')
  if (patch.length > mostOperations) {
    throw new JsonPatchError(`A JSON Patch must have no more than ${mostOperations} operations.`, '')
  }
  const copied = { size: 0 }
  return patch.map(readOperation).reduce((value, operation) => applyOne(value, operation, copied), document)
}

function readOperation(item: JsonValue, index: number): Operation {
  const place = `/${index}`
  if (!isObject(item)) throw new JsonPatchError('An operation of a JSON Patch must be an object.', place)
  const { op, path, from, value } = item
  if (typeof op !== 'string' || !(op === 'remove' || withValue.has(op) || withFrom.has(op))) {
    throw new JsonPatchError('The op must be one of add, remove, replace, move, copy and test.', place)
  }
  if (typeof path !== 'string') throw new JsonPatchError(`The operation ${op} must have a path.`, place)
  if (withFrom.has(op) && typeof from !== 'string') throw new JsonPatchError(`The ${op} must have a from.`, path)
  if (withValue.has(op) && value === undefined) throw new JsonPatchError(`The ${op} must have a value.`, path)
  return { op, path, from: typeof from === 'string' ? from : '', value }
}

function applyOne(document: JsonValue, { op, path, from, value = null }: Operation, copied: Copied): JsonValue {
  const steps = pointerSteps(path)
  if (op === 'add') return add(document, steps, value, path)
  if (op === 'remove') return remove(document, steps, path)
  if (op === 'replace') return replace(document, steps, value, path)
  if (op === 'copy') return add(document, steps, copyOf(document, from, copied), path)
  if (op === 'move') return move(document, from, path)
  if (equalJson(valueAt(document, steps, path), value)) return document
  throw new JsonPatchError('The test does not hold: there is another value at this path.', path, true)
}

/** Twenty copies, each of all there is into itself, would make a million of one. */
interface Copied {
  size: number
}

function copyOf(document: JsonValue, from: string, copied: Copied): JsonValue {
  const value = valueAt(document, pointerSteps(from), from)
  measure(value, copied)
  if (copied.size > mostCopied) throw new JsonPatchError('The copies of this patch grow too large.', from)
  return value
}

function measure(value: JsonValue, copied: Copied): void {
  copied.size += typeof value === 'string' ? value.length + 1 : 1
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return
  for (const [name, item] of Object.entries(value)) {
    if (copied.size > mostCopied) return
    copied.size += name.length
    measure(item, copied)
  }
}

function move(document: JsonValue, from: string, path: string): JsonValue {
  if (path.startsWith(`${from}/`)) throw new JsonPatchError('A value cannot be moved into itself.', path)
  const value = valueAt(document, pointerSteps(from), from)
  if (path === from) return document
  return add(remove(document, pointerSteps(from), from), pointerSteps(path), value, path)
}

// ── pointers (RFC 6901) ──────────────────────────────────────────────────────────────────────────

function pointerSteps(path: string): string[] {
  if (path === '') return []
  if (!path.startsWith('/') || /~(?![01])/.test(path)) {
    throw new JsonPatchError('A path must be a JSON Pointer as /name/0/given.', path)
  }
  const steps = path.slice(1).split('/')
  if (steps.includes('__proto__')) throw new JsonPatchError('A path must not name __proto__.', path)
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(document: JsonValue, steps: readonly string[], path: string): JsonValue {
  return steps.reduce((value, step) => child(value, step, path), document)
}

function child(value: JsonValue, step: string, path: string): JsonValue {
  const found = Array.isArray(value) ? value[indexOf(step, value.length - 1, path)] : ownValue(value, step)
  if (found === undefined) throw new JsonPatchError('There is nothing at this path.', path)
  return found
}

function ownValue(value: JsonValue, key: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function indexOf(step: string, last: number, path: string): number {
  const index = /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : last + 1
  if (index > last) throw new JsonPatchError('There is no item of this number at this path.', path)
  return index
}

// ── changes, each to copies of what is on the way ────────────────────────────────────────────────

/** A copy of the document, in which `change` was made to the container of the last step. */
function changed(
  document: JsonValue,
  [step, ...below]: readonly string[],
  path: string,
  change: (container: Container, step: string) => void,
): JsonValue {
  if (step === undefined || !(Array.isArray(document) || isObject(document))) {
    throw new JsonPatchError('There is nothing at this path.', path)
  }
  const copy: Container = Array.isArray(document) ? [...document] : { ...document }
  if (below.length === 0) change(copy, step)
  else put(copy, step, changed(child(copy, step, path), below, path, change))
  return copy
}

function put(container: Container, step: string, value: JsonValue): void {
  if (Array.isArray(container)) container[Number(step)] = value
  else container[step] = value
}

function add(document: JsonValue, steps: readonly string[], value: JsonValue, path: string): JsonValue {
  if (steps.length === 0) return value
  return changed(document, steps, path, (container, step) => {
    if (!Array.isArray(container)) container[step] = value
    else container.splice(step === '-' ? container.length : indexOf(step, container.length, path), 0, value)
  })
}

function replace(document: JsonValue, steps: readonly string[], value: JsonValue, path: string): JsonValue {
  if (steps.length === 0) return value
  return changed(document, steps, path, (container, step) => {
    child(container, step, path)
    put(container, step, value)
  })
}

function remove(document: JsonValue, steps: readonly string[], path: string): JsonValue {
  if (steps.length === 0) throw new JsonPatchError('The whole resource cannot be removed: use DELETE.', path)
  return changed(document, steps, path, (container, step) => {
    child(container, step, path)
    if (Array.isArray(container)) container.splice(Number(step), 1)
    else Reflect.deleteProperty(container, step)
  })
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)
}
