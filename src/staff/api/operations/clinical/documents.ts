/** Papers and files of a record. The file itself is fetched over FHIR, with the rights of who asks. */
import type { DocumentReference } from '@medplum/fhirtypes'
import { fhirBase } from '../../../../http/base.ts'
import type { Kind } from '../../kind.ts'
import { listOf, oneOf } from '../../kind.ts'
import { idIn, namedOf, systemOf, textOf, words } from '../../plain.ts'

const status = words({ current: 'current', superseded: 'superseded', mistaken: 'entered-in-error' })

export const documents: Kind<'DocumentReference'> = {
  type: 'DocumentReference',
  name: 'document',
  parameters: {
    patient: (id) => [['patient', `Patient/${id}`]],
    case: (id) => [['related', `ServiceRequest/${id}`]],
    status: (word) => [['status', status.codeOf(word)]],
  },
  date: 'date',
  include: ['patient'],
  view(resource, names, tenant) {
    const { attachment } = resource.content?.[0] ?? {}
    return {
      system: systemOf(resource),
      status: status.wordOf(resource.status),
      patient: namedOf(resource.subject, names),
      author: namedOf(resource.author?.[0], names),
      case: caseOf(resource),
      title: attachment?.title ?? resource.description,
      type: textOf(resource.type),
      description: resource.description,
      date: resource.date ?? attachment?.creation,
      contentType: attachment?.contentType,
      link: linkOf(attachment?.url, tenant),
      confidential: resource.meta?.security?.some(({ code }) => code === 'R' || code === 'V') || undefined,
    }
  },
}

export const listDocuments = listOf(documents)
export const getDocument = oneOf(documents)

function caseOf({ context }: DocumentReference): string | undefined {
  return context?.related?.filter(({ reference }) => reference?.startsWith('ServiceRequest/')).map(idIn)[0]
}

/** A Binary of ours, never where a source keeps the file; else what was public from the beginning. */
function linkOf(url: string | undefined, tenant: string): string | undefined {
  return url?.startsWith('Binary/') ? `${fhirBase('', tenant)}/${url}` : url
}
