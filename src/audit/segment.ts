/**
 * Segments of the spool: files of events, a line each, after a line that says whose the file is. What a `write` has taken is
 * there whatever becomes of the program; a line that was not finished was told to nobody.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AuditDocument } from '../store/audit-documents.ts'

const sync = promisify(fdatasync)
const ENDING = '.ndjson'

export interface Segment {
  readonly file: string
  readonly opened: number
  bytes: number
  append(text: string): void
  /** Also where the machine itself stops. */
  close(): Promise<void>
}

export function openSegment(folder: string, name: string, owner: string): Segment {
  const file = join(folder, name + ENDING)
  const descriptor = openSync(file, 'ax', 0o600)
  const segment: Segment = {
    ...{ file, opened: performance.now(), bytes: 0 },
    append(text) {
      const bytes = Buffer.from(text)
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at)
      } catch (error) {
        ftruncateSync(descriptor, segment.bytes)
        throw error
      }
      segment.bytes += bytes.length
    },
    async close() {
      await sync(descriptor).finally(() => closeSync(descriptor))
    },
  }
  try {
    segment.append(`${JSON.stringify({ owner })}\n`)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  return segment
}

export function lineOf(event: AuditDocument): string {
  return `${JSON.stringify(event)}\n`
}

export interface Left {
  readonly owner: string
  readonly events: readonly AuditDocument[]
}

export async function readSegment(file: string): Promise<Left> {
  const [head, ...lines] = (await readFile(file, 'utf8')).split('\n')
  // What follows the last line end is nothing, or was not finished
  lines.pop()
  const events = lines.map((line) => {
    const { at, ...event } = JSON.parse(line) as Omit<AuditDocument, 'at'> & { at: string }
    return { ...event, at: new Date(at) }
  })
  return { owner: ownerIn(head), events }
}

function ownerIn(line = ''): string {
  try {
    return (JSON.parse(line) as { owner: string }).owner
  } catch {
    return ''
  }
}

export interface Found {
  readonly file: string
  readonly bytes: number
  /** milliseconds since something was added */
  readonly age: number
}

/** Oldest first. */
export async function segmentsIn(folder: string): Promise<Found[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort()
  const found = await Promise.all(
    names.map(async (name): Promise<Found[]> => {
      const file = join(folder, name)
      // Another program may have just been done with it
      const state = await stat(file).catch(() => undefined)
      return state ? [{ file, bytes: state.size, age: Date.now() - state.mtimeMs }] : []
    }),
  )
  return found.flat()
}
