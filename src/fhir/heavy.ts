/** Which requests take turns (src/http/gate.ts): those that may read many resources to answer with few, or write many. */
import type { FhirRequest } from '../http/answer.ts'

const LINKS = /^_(has|include|revinclude|text|content|filter|list|at)\b|\./

export function isHeavy({ method, path, query }: FhirRequest): boolean {
  const [first] = path
  // A bundle, a search of all types, the history of everything
  if (first === undefined || first === '_history' || first === '_search') return true
  return query.length > 0 && (method === 'GET' || method === 'POST') && query.some(([name]) => LINKS.test(name))
}
