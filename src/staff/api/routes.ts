/** Which operation of the contract an address means. */
import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../../kernel/errors.ts'
import type { Contract, Route } from './contract.ts'

type Addressed = Pick<IncomingMessage, 'url' | 'method'>

/** As it was sent, without its query. */
export function pathOf({ url = '' }: Addressed): string {
  return url.split('?', 1)[0] ?? ''
}

/** Throws 404, or 405 with what is possible there. */
export function routeFinder({ routes }: Contract): (request: Addressed) => Route {
  // What is said word for word comes first: /cases/board is no case
  const known = routes
    .map((route) => ({ route, pattern: patternOf(route) }))
    .toSorted((a, b) => variablesIn(a.route) - variablesIn(b.route))
  const at = (path: string): typeof known => known.filter(({ pattern }) => pattern.test(path))
  const plain = new Map(routes.filter((route) => variablesIn(route) === 1).map(({ path }) => [path, at(path)]))
  return (request) => {
    const path = pathOf(request)
    if (!isText(path)) throw new GatewayError('GW_BAD_REQUEST', 'The address cannot be read.')
    const method = request.method === 'HEAD' ? 'get' : request.method?.toLowerCase()
    const here = plain.get(path) ?? at(path)
    const found = here.find(({ route }) => route.method === method)
    if (found) return found.route
    if (here.length === 0) throw new GatewayError('GW_NOT_FOUND', 'There is nothing at this address: see /api/docs.')
    const allow = here.map(({ route }) => route.method.toUpperCase()).join(', ')
    throw new GatewayError('GW_NOT_ALLOWED', `This address takes ${allow}.`, { allow })
  }
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}

function variablesIn({ path }: Route): number {
  return path.split('{').length
}

function isText(path: string): boolean {
  try {
    return decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}
