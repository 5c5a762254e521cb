/**
 * The file of a Binary: beside `data`, which is empty then, stands where the bytes are (profiles/, `binary-file`). So the
 * version that is committed names its file, and says so wherever it is listed.
 */
import type { Binary, Extension, Resource } from '@medplum/fhirtypes'

export type BinaryWithFile = Binary & { readonly _data?: { readonly extension?: readonly Extension[] } }

export function fileUrl(canonicalBase: string): string {
  return `${canonicalBase}/StructureDefinition/binary-file`
}

/** The name of its file; undefined when its data is in it, or it has none. */
export function fileOf(resource: Resource, canonicalBase: string): string | undefined {
  if (resource.resourceType !== 'Binary') return undefined
  const { _data: beside } = resource as BinaryWithFile
  return beside?.extension?.find(({ url }) => url === fileUrl(canonicalBase))?.valueId
}

export function withFile(binary: Binary, name: string, canonicalBase: string): BinaryWithFile {
  const { data: _data, ...rest } = binary
  return { ...rest, _data: { extension: [{ url: fileUrl(canonicalBase), valueId: name }] } }
}

export function withData(binary: BinaryWithFile, data: string): Binary {
  const { _data, ...rest } = binary
  return { ...rest, data }
}
