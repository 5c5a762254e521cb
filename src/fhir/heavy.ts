/** Which requests take turns (src/http/gate.ts): those that may read many resources to answer with few, or write many. */
import type { FhirRequest } from '../http/answer.ts'
import { operations } from './operations/index.ts'

const HEAVY = new Set(operations.filter(({ heavy }) => heavy).map(({ code }) => `$${code}`))
const LINKS = /^_(has|include|revinclude|text|content|filter|list|at)\b|\./

export function isHeavy({ method, path, query }: FhirRequest): boolean {
  const [first] = path
  // A bundle, a search of all types, the history of everything
  if (first === undefined || first === '_history' || first === '_search') return true
  if (path.at(-1)?.startsWith('$')) return HEAVY.has(path.at(-1) ?? '')
  return query.length > 0 && (method === 'GET' || method === 'POST') && query.some(([name]) => LINKS.test(name))
}
