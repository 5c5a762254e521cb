/** Bytes that come with a write, on their way into files. */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Binary, Resource } from '@medplum/fhirtypes'
import { mediaType } from '../../http/media.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { fileSize, storeFile } from '../../store/files.ts'
import type { Operation } from '../../projection/operation.ts'
import { bounded } from '../bounded.ts'
import type { FhirContext } from '../context.ts'
import { fileOf, withFile } from './file.ts'

type Context = Pick<FhirContext, 'writeBack' | 'permit' | 'limits' | 'fileTypes'>

export interface Stored<T> {
  readonly value: T
  /** names of the files that were made for it */
  readonly files: readonly string[]
}

/** Base64 that is longer goes into a file: a document of MongoDB ends at 16 MB, and every read would carry it. */
const LONGEST_INLINE = 256 * 1024

/** The same writes, with the data of large Binaries in files. */
export async function withFiles(
  context: Context,
  operations: readonly Operation[],
): Promise<Stored<readonly Operation[]>> {
  const files: string[] = []
  const value: Operation[] = []
  for (const operation of operations) value.push(await moved(context, operation, files))
  return { value, files }
}

async function moved(context: Context, operation: Operation, files: string[]): Promise<Operation> {
  if (operation.method === 'DELETE' || operation.resource?.resourceType !== 'Binary') return operation
  assertFileType(context, operation.resource.contentType)
  await assertOwnFile(context, operation, operation.resource)
  if (!isLarge(operation.resource)) return operation
  // A condition says only at the write which resource it means: too late for a file
  if ('where' in operation) {
    throw new GatewayError(
      'GW_TOO_LARGE',
      `The data of a conditional update may have at most ${LONGEST_INLINE} bytes here.`,
    )
  }
  const id = operation.method === 'PUT' ? operation.id : (operation.reserved ?? randomUUID())
  const { data, ...rest } = operation.resource
  const name = await upload(context, id, Readable.from([Buffer.from(data, 'base64')]))
  files.push(name)
  const resource = withFile(rest, name, context.writeBack.plan.base)
  if (operation.method === 'POST') return { ...operation, resource, reserved: id }
  return { ...operation, resource, edit: () => resource }
}

/** Bytes are taken back as a read gave them; those of another resource are not. */
async function assertOwnFile({ writeBack, permit }: Context, operation: Operation, binary: Binary): Promise<void> {
  const name = fileOf(binary, writeBack.plan.base)
  if (name === undefined) return
  const id = 'id' in operation ? operation.id : operation.method === 'POST' ? operation.reserved : undefined
  if (id !== undefined && (await fileSize(writeBack.store, permit, `Binary/${id}`, name)) !== undefined) return
  throw new GatewayError('GW_UNPROCESSABLE', 'This Binary has no such file: send its data.', {
    expression: 'Binary.data',
  })
}

/** Throws 415 for what is not taken here (ISTHMUS_FILE_TYPES). */
export function assertFileType({ fileTypes }: Pick<Context, 'fileTypes'>, contentType: string): void {
  const type = mediaType(contentType)
  const isTaken = fileTypes.some(
    (each) => each === '*/*' || each === type || (each.endsWith('/*') && type.startsWith(each.slice(0, -1))),
  )
  if (isTaken) return
  throw new GatewayError('GW_MEDIA_TYPE', `Files of this type are not taken here; taken are ${fileTypes.join(', ')}.`, {
    expression: 'Binary.contentType',
  })
}

function isLarge(resource: Resource | undefined): resource is Binary & { readonly data: string } {
  return resource?.resourceType === 'Binary' && (resource.data ?? '').length > LONGEST_INLINE
}

/** Throws 413 when it is longer than a file may be. */
export async function upload({ writeBack, permit, limits }: Context, id: string, content: Readable): Promise<string> {
  return storeFile(writeBack.store, permit, `Binary/${id}`, bounded(content, limits.fileBytes, 'A file'))
}
