/**
 * Many documents of one collection written by MongoDB's own commands, inside a transaction. The driver's `bulkWrite` measures
 * each document to tell where a message must end, which costs as much as to serialise it; here a command ends after so much
 * text.
 */
import type { ClientSession, Document } from 'mongodb'
import type { Store } from './collections.ts'

export interface Statement {
  /** what is inserted, or an update as the command has it */
  readonly document: Document
  /** characters of text in it */
  readonly text: number
}

/** With the search keys that are made of it, whatever the language, this much is under MongoDB's 16 MB a command. */
const MOST_TEXT = 500_000

const FIELDS = { insert: 'documents', update: 'updates' } as const

/** The transaction is over with it. */
export class RefusedWriteError extends Error {
  override readonly name = 'RefusedWriteError'
  readonly code: number

  constructor({ code, errmsg }: { readonly code: number; readonly errmsg: string }) {
    super(errmsg)
    this.code = code
  }
}

/** Throws a RefusedWriteError where a document cannot be stored: its unique key is there already. */
export async function writeAll(
  { db }: Pick<Store, 'db'>,
  verb: keyof typeof FIELDS,
  collection: { readonly collectionName: string },
  { statements, session }: { readonly statements: readonly Statement[]; readonly session: ClientSession },
): Promise<void> {
  for (const documents of pieces(statements)) {
    const command = { [verb]: collection.collectionName, [FIELDS[verb]]: documents, ordered: false }
    const { writeErrors } = await db.command(command, { session })
    const [refused] = (writeErrors ?? []) as [{ code: number; errmsg: string }?]
    if (refused) throw new RefusedWriteError(refused)
  }
}

function pieces(statements: readonly Statement[]): Document[][] {
  const all: Document[][] = []
  let left = 0
  for (const { document, text } of statements) {
    if (text > left || all.length === 0) {
      all.push([])
      left = MOST_TEXT
    }
    all.at(-1)?.push(document)
    left -= text
  }
  return all
}
