/**
 * `invoice-lines` + `unit-price`: `[{ description, quantity, unitPrice, amount }]` → Invoice.lineItem; read only.
 *
 * The amount is that of the line, as stored; the quantity is the factor it was made with
 * (https://hl7.org/fhir/R4/invoice-definitions.html#Invoice.lineItem.priceComponent.factor). The price of one has no
 * element of its own: it is the extension that `unit-price` names.
 */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { unknownExtension } from './data-absent.ts'
import { readJson } from './json-column.ts'
import { moneyOptions, moneyRest } from './money.ts'
import { tryDecimal } from './numeral.ts'
import { readText } from './text.ts'

interface Line {
  readonly description?: unknown
  readonly quantity?: unknown
  readonly unitPrice?: unknown
  readonly amount?: unknown
}

interface Plan {
  /** url of the extension */
  readonly unitPrice: string
  readonly rest: object
}

function numberIn(stored: unknown, context: CodecContext): unknown {
  if (stored === undefined || stored === null || stored === '') return undefined
  const value = tryDecimal(stored)
  if (value === undefined) context.warn('a number of a line is no number')
  return value
}

function lineItem(line: Line, { unitPrice, rest }: Plan, context: CodecContext): object {
  const text = readText(line.description)
  const price = numberIn(line.unitPrice, context)
  const factor = numberIn(line.quantity, context)
  const amount = numberIn(line.amount, context)
  const base = {
    type: 'base',
    ...(factor !== undefined && { factor }),
    ...(amount !== undefined && { amount: { value: amount, ...rest } }),
  }
  return {
    ...(price !== undefined && { extension: [{ url: unitPrice, valueMoney: { value: price, ...rest } }] }),
    chargeItemCodeableConcept: text === undefined ? { extension: [unknownExtension] } : { text },
    ...((factor !== undefined || amount !== undefined) && { priceComponent: [base] }),
  }
}

function read(stored: unknown, plan: Plan, context: CodecContext): object[] | undefined {
  const lines = readJson(stored, context)
  if (!Array.isArray(lines)) return undefined
  const found = lines.flatMap((line: unknown) => {
    if (typeof line === 'object' && line !== null) return lineItem(line, plan, context)
    return readText(line) === undefined ? [] : lineItem({ description: line }, plan, context)
  })
  return found.length > 0 ? found : undefined
}

export const invoiceLines: CodecDefinition = {
  name: 'invoice-lines',
  types: ['Invoice.lineItem'],
  fields: 1,
  list: true,
  options: { ...moneyOptions, 'unit-price': { type: 'string', minLength: 1 } },
  make(options) {
    const unitPrice = options['unit-price']
    if (typeof unitPrice !== 'string') throw new Error('the codec "invoice-lines" needs "unit-price": an extension url')
    const plan = { unitPrice, rest: moneyRest(options) }
    return { read: (stored, context) => read(stored, plan, context) }
  },
}
