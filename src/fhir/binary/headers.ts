/** What files are answered with, wherever they are kept. */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'

/** What a browser makes of it can do nothing here: neither run scripts nor be taken for another type. */
export const HARMLESS = { 'Content-Security-Policy': "sandbox; default-src 'none'" }

/** A file that is too long for JSON. */
export function tooLarge(size: number, contentType: string | undefined): GatewayError {
  const type = contentType ?? '*/*'
  const sentence = `This Binary has ${size} bytes or more: ask for it in its own format, with Accept: ${type}.`
  return new GatewayError('GW_NOT_ACCEPTABLE', sentence)
}

/** `size`: undefined where the storage does not say it */
export function unsatisfiable(size: number | undefined): Answer {
  const length = size === undefined ? 'no more bytes' : `${size} bytes`
  const diagnostics = `The file has ${length}, and the Range begins after them.`
  const body = outcomeText({ severity: 'error', code: 'invalid', diagnostics })
  const headers = { 'Content-Type': FHIR_JSON, 'Content-Range': `bytes */${size ?? '*'}` }
  return { status: 416, headers, body, interaction: 'read' }
}
