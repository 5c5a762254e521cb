/** The resources of a document by what refers to them: relative references of theirs, full URLs of what the gateway makes. */
import type { Reference, Resource } from '@medplum/fhirtypes'
import { parseJson } from '../../r4/json.ts'
import { parseReference } from '../../r4/references.ts'
import type { Found } from '../../store/search-reader.ts'
import type { FhirContext } from '../context.ts'
import type { Resolve } from './words.ts'

export interface Parts {
  readonly resolve: Resolve
  /** What the gateway makes has no address that a relative reference could start from (R4 bundle.html#references). */
  readonly absolute: <Target extends Resource>(reference: Reference<Target>) => Reference<Target>
}

export function partsOf({ permit, request }: FhirContext, found: readonly Found[]): Parts {
  const start = permit.tenant.length + 1
  const texts = new Map(found.map(({ _id, body }) => [_id.slice(start), body]))
  const read = new Map<string, Resource>()
  const pathOf = (url: string): string => {
    const { base, type, id } =
      parseReference(url.startsWith(`${request.base}/`) ? url.slice(request.base.length + 1) : url) ?? {}
    return base === '' ? `${type}/${id}` : url
  }
  return {
    resolve: (url) => {
      const path = pathOf(url)
      const text = texts.get(path)
      if (text && !read.has(path)) read.set(path, exact(text))
      return read.get(path)
    },
    absolute: (reference) => {
      const path = reference.reference === undefined ? undefined : pathOf(reference.reference)
      const isRelative = path !== undefined && parseReference(path)?.base === ''
      return isRelative ? { ...reference, reference: `${request.base}/${path}` } : reference
    },
  }
}

/** With the digits of its decimals. */
export function exact(body: Buffer): Resource {
  return parseJson(body.toString()) as unknown as Resource
}
