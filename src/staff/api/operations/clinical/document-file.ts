/**
 * The file of a document, for a browser as for a program: who may see the document may have it. It is handed over to be
 * kept, and never shown as a page of this origin.
 */
import type { DocumentReference } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import type { ApiOperation } from '../../operation.ts'

export const getDocumentFile: ApiOperation = {
  async handle({ records, path: { id = '' } }) {
    const { attachment } = (await records.read('DocumentReference', id)).content?.[0] ?? {}
    const [, binary] = /^Binary\/([A-Za-z0-9.-]{1,64})$/.exec(attachment?.url ?? '') ?? []
    if (binary === undefined) throw new GatewayError('GW_NOT_FOUND', withoutFile(attachment))
    const { status, headers, ...content } = await records.file(binary)
    return {
      status,
      file: content,
      headers: { ...headers, 'Content-Disposition': `attachment; ${filename(attachment?.title ?? id)}` },
    }
  },
}

type Attachment = NonNullable<DocumentReference['content']>[number]['attachment']

function withoutFile(attachment: Attachment | undefined): string {
  return attachment?.url === undefined
    ? 'This document has no file.'
    : 'The file of this document is kept elsewhere: the document says where (link).'
}

/** RFC 6266: for who knows ASCII only, and for all others. */
function filename(title: string): string {
  const name = title.replaceAll(/[\u0000-\u001f\u007f/\\]/g, '_').slice(0, 200)
  const plain = name.replaceAll(/[^\u0020-\u007e]|["%]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, hex)
  return `filename="${plain}"; filename*=UTF-8''${encoded}`
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
