/**
 * One invariant's expression, asked of an element. What our closures do not know, the `fhirpath` library answers: it is
 * loaded when that first happens.
 */
import { createRequire } from 'node:module'
import { compileFhirPath } from './compile.ts'
import { type Evaluate, isTrue, type Scope } from './functions.ts'
import type { Item } from './items.ts'
import { NotReadError } from './parse.ts'

/** Is it true? Undefined: it cannot be told. */
export type Holds = (item: Item, resource: Item, root: Item) => boolean | undefined

interface Library {
  compile(
    path: string | { base: string; expression: string },
    model: unknown,
  ): (data: unknown, environment: Readonly<Record<string, unknown>>) => unknown[]
}

/** `type`: of the elements that it is asked of. */
export function expressionOf(text: string, type: string): Holds {
  const quick = quickly(text)
  let slow: Holds | undefined
  return (item, resource, root) => {
    if (quick) {
      const answer = quickAnswer(quick, { resource, root, context: [item], index: 0 })
      if (answer !== 'unknown') return answer
    }
    slow ??= slowly(text, type)
    return slow(item, resource, root)
  }
}

function quickly(text: string): Evaluate | undefined {
  try {
    return compileFhirPath(text)
  } catch (error) {
    if (error instanceof NotReadError) return undefined
    throw error
  }
}

function quickAnswer(evaluate: Evaluate, scope: Scope): boolean | undefined | 'unknown' {
  try {
    const result = evaluate(scope.context, scope)
    return result.length === 0 ? undefined : isTrue(result)
  } catch (error) {
    if (error instanceof NotReadError) return 'unknown'
    throw error
  }
}

const require = createRequire(import.meta.url)

/** An expression that the library cannot do either tells nothing about the resource. */
function slowly(text: string, type: string): Holds {
  const library = require('fhirpath') as Library
  const model: unknown = require('fhirpath/fhir-context/r4')
  let evaluate: ReturnType<Library['compile']>
  try {
    evaluate = library.compile({ base: type, expression: text }, model)
  } catch {
    return () => undefined
  }
  return (item, resource, root) => {
    try {
      const environment = { resource: plain(resource.value), rootResource: plain(root.value) }
      const [first] = evaluate(plain(item.value), environment)
      return first === undefined ? undefined : first !== false
    } catch {
      return undefined
    }
  }
}

/** Without the exact numbers, which the library does not know. */
function plain(value: unknown): unknown {
  return value === undefined ? {} : (JSON.parse(JSON.stringify(value)) as unknown)
}
