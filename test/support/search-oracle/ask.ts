/**
 * The slow oracle: which resources a search finds, by looking at all of them. It reads the definitions of HL7, evaluates
 * FHIRPath by a library, and shares no code with what it judges.
 */
import { componentsOf, parametersOf, partOfCode, type Parameter } from './definitions.ts'
import { fits } from './matches.ts'
import { cut } from './text.ts'
import { partsOf, valuesOf, type Json } from './values.ts'

export interface Resource extends Json {
  readonly resourceType: string
  readonly id: string
}

/** All resources of a test, by type. */
export type World = ReadonlyMap<string, readonly Resource[]>

/** `name` with its modifier or links, `value` with its escapes, as they stand in the address. */
export function found(world: World, type: string, name: string, value: string): Resource[] {
  return (world.get(type) ?? []).filter((resource) => isFound(world, resource, name, value))
}

function isFound(world: World, resource: Resource, name: string, value: string): boolean {
  const has = /^_has:(\w+):([\w-]+):(.+)$/.exec(name)
  if (has) {
    const [, type = '', code = '', rest = ''] = has
    const others = found(world, type, rest, value)
    return others.some((other) => linksOf(other, code).includes(`${resource.resourceType}/${resource.id}`))
  }
  const [, within = '', direction = ''] = /^([\w-]+):(above|below)$/.exec(name) ?? []
  if (within && parameterOf(resource.resourceType, within).type === 'reference') {
    const named = cut(value, ',').flatMap((asked) =>
      namesAround(world, resource.resourceType, within, asked, direction),
    )
    return linksOf(resource, within).some((link) => named.includes(link))
  }
  const chain = /^([\w-]+)(?::(\w+))?\.(.+)$/.exec(name)
  if (!chain) return isMatch(resource, name, value)
  const [, code = '', type, rest = ''] = chain
  return linksOf(resource, code).some((link) => {
    const [target = '', id] = link.split('/')
    const other = world.get(target)?.find((each) => each.id === id)
    return (
      other !== undefined && (type ?? target) === target && knows(target, rest) && isFound(world, other, rest, value)
    )
  })
}

/** A chain through several types leaves out those that lack the parameter. */
function knows(type: string, name: string): boolean {
  return name.startsWith('_has:') || parametersOf(type).some(({ code }) => code === /^[\w-]+/.exec(name)?.[0])
}

/** What is asked for, with all it is part of (`above`) or all that is part of it, until nothing more comes. */
function namesAround(world: World, type: string, code: string, asked: string, direction: string): string[] {
  const targets = (parameterOf(type, code).target ?? []).filter(partOfCode)
  const names = new Set(asked.includes('/') ? [asked] : targets.map((each) => `${each}/${asked}`))
  for (let size = 0; size < names.size;) {
    size = names.size
    for (const other of targets.flatMap((each) => world.get(each) ?? [])) {
      const own = `${other.resourceType}/${other.id}`
      const wholes = linksOf(other, partOfCode(other.resourceType) ?? '').filter((link) =>
        link.startsWith(`${other.resourceType}/`),
      )
      if (direction === 'below' && wholes.some((whole) => names.has(whole))) names.add(own)
      if (direction === 'above' && names.has(own)) for (const whole of wholes) names.add(whole)
    }
  }
  return [...names]
}

/** Relative references of a parameter, without versions. */
export function linksOf(resource: Resource, code: string): string[] {
  const values = valuesOf(parameterOf(resource.resourceType, code), resource)
  return values.flatMap(({ value }) => {
    const reference = (value as Json | null)?.['reference']
    return typeof reference === 'string' && /^\w+\//.test(reference) ? [reference.split('/_history/')[0] as string] : []
  })
}

function isMatch(resource: Resource, name: string, value: string): boolean {
  const [code = '', modifier] = name.split(/:(.*)/s)
  const parameter = parameterOf(resource.resourceType, code)
  if (modifier === 'missing') return isMissing(parameter, resource) === (value === 'true')
  const any = cut(value, ',').some((asked) =>
    fitsAny(parameter, resource, asked, modifier === 'not' ? undefined : modifier),
  )
  return modifier === 'not' ? !any : any
}

function isMissing(parameter: Parameter, resource: Resource): boolean {
  return !hasAny(valuesOf(parameter, resource))
}

function hasAny(values: readonly { readonly value: unknown }[]): boolean {
  return values.some(({ value }) => value !== null)
}

function fitsAny(parameter: Parameter, resource: Resource, asked: string, modifier: string | undefined): boolean {
  if (parameter.type === 'composite') return fitsTogether(parameter, resource, asked)
  return valuesOf(parameter, resource).some((value) => fits[parameter.type]?.(value, asked, modifier, parameter))
}

/** All parts in one element. */
function fitsTogether(composite: Parameter, resource: Resource, asked: string): boolean {
  const wanted = cut(asked, '$')
  const components = componentsOf(composite)
  return partsOf(composite, resource).some((parts) =>
    parts.every((values, index) => {
      const { parameter } = components[index] as { parameter: Parameter }
      return values.some((value) => fits[parameter.type]?.(value, wanted[index] ?? '', undefined, parameter))
    }),
  )
}

export function parameterOf(type: string, code: string): Parameter {
  const parameter = parametersOf(type).find((each) => each.code === code)
  if (!parameter) throw new Error(`${type} has no parameter ${code}.`)
  return parameter
}
