/**
 * `appointment-answer`: `[status word, who cancelled, …the patient's keys]` ↔ `[status, the patient's participation]`.
 * `participant-answer`: the same columns → the participation of another one, who came along with the appointment.
 *
 * The table gives both codes. A patient who cancelled has declined: which key names her (of her account, of her
 * record) the source does not say, so any of them counts (entities §2 Appointment). On write the status decides, and
 * the participation only where two words share a status (scheduled and confirmed); `back` names the word for a status
 * that no word writes. The word's column alone will do where nobody stores who cancelled.
 */
import type { CodeTable } from '../code-table.ts'
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { keyText } from '../identity.ts'
import { inKindOf, lookUp, notInTable } from './code.ts'

type Answer = readonly [status: string, participation: string]
type Back = Readonly<Record<string, string>>

const isCancelled = (status: string): boolean => status === 'cancelled'

/** A rule of one column gives it bare. */
function columnsOf(stored: unknown): readonly unknown[] {
  return Array.isArray(stored) ? stored : [stored, null]
}

function codesOf(table: CodeTable, word: unknown): Answer {
  return (word === null ? table.otherwise : (lookUp(table, word) ?? table.otherwise)) as unknown as Answer
}

function names(by: unknown, keys: readonly unknown[]): boolean {
  return by !== null && keys.some((key) => key !== null && keyText(key) === keyText(by))
}

function cancelledIt(status: string, columns: readonly unknown[]): boolean {
  return isCancelled(status) && names(columns[1], columns.slice(2))
}

function read(table: CodeTable, stored: unknown): Answer {
  const columns = columnsOf(stored)
  return answerOf(codesOf(table, columns[0]), columns)
}

function answerOf(codes: Answer, columns: readonly unknown[]): Answer {
  return cancelledIt(codes[0], columns) ? [codes[0], 'declined'] : codes
}

/** The word of a status and a participation, which the source must be able to say together. */
function wordOf(table: CodeTable, back: Back, [status, answer]: Answer, said: string): unknown {
  const exact = table.toStored.get(`${status} ${answer}`)
  if (exact !== undefined) return exact
  if (back[status] !== undefined) return back[status]
  const written = [...table.toStored].find(([codes]) => codes.startsWith(`${status} `))
  if (!written) throw notInTable(table, status)
  const [, usual] = written[0].split(' ')
  if (answer === said || answer === usual) return written[1]
  throw new NotStorableError(`The source cannot hold a participation of "${answer}" in a ${status} appointment.`)
}

function write(table: CodeTable, back: Back, fhir: unknown, before: unknown): unknown[] {
  const [word, by, ...keys] = columnsOf(before)
  const [status, sent] = (fhir ?? []) as readonly (string | undefined)[]
  if (status === undefined) throw new NotStorableError('An appointment has a status.')
  const [was, said] = read(table, before)
  const answer = sent ?? said
  const declines = isCancelled(status) && answer === 'declined'
  const stays = status === was && (answer === said || isCancelled(status))
  const stored = stays
    ? word
    : inKindOf(word, wordOf(table, back, [status, declines ? 'accepted' : answer], said) as string)
  return [stored, cancelledBy(by, keys, { declines, changed: answer !== said }), ...keys]
}

function cancelledBy(by: unknown, keys: readonly unknown[], now: { declines: boolean; changed: boolean }): unknown {
  if (now.declines) return names(by, keys) ? by : (keys.find((key) => key !== null) ?? by)
  return now.changed && names(by, keys) ? null : by
}

export const appointmentAnswer: CodecDefinition = {
  name: 'appointment-answer',
  types: ['code'],
  fields: 'any',
  paths: 2,
  table: 'required',
  options: { back: { type: 'object', additionalProperties: { type: 'string' } } },
  make(options): Codec {
    const table = withElse(options.table as CodeTable)
    const back = (options['back'] ?? {}) as Back
    return {
      read: (stored, context: CodecContext) => {
        const columns = columnsOf(stored)
        const [word] = columns
        const known = word === null ? undefined : lookUp(table, word)
        if (word !== null && !known) context.warn(`a word is missing from the code table ${table.name}`)
        return answerOf((known ?? table.otherwise) as unknown as Answer, columns)
      },
      write(fhir, before) {
        const columns = write(table, back, fhir, before)
        return Array.isArray(before) ? columns : columns[0]
      },
    }
  },
}

/** Others are expected to come, unless they cancelled it themselves. */
export const participantAnswer: CodecDefinition = {
  name: 'participant-answer',
  types: ['code'],
  fields: 'any',
  table: 'required',
  make(options): Codec {
    const table = withElse(options.table as CodeTable)
    return {
      read(stored) {
        const columns = stored as readonly unknown[]
        const status = codesOf(table, columns[0])[0]
        return cancelledIt(status, columns) ? 'declined' : 'accepted'
      },
    }
  },
}

function withElse(table: CodeTable): CodeTable {
  if (Array.isArray(table.otherwise)) return table
  throw new Error(`the code table ${table.name} needs an "else" of a status and a participation`)
}
