/** One file of an export: lines packed with gzip as they come, counted, and their checksum taken on the way. */
import { createHash } from 'node:crypto'
import { Readable, pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Files } from '../files/files.ts'
import type { ExportBatch } from '../store/export-reader.ts'

/** Half the time of the level zlib takes by itself, for files a tenth larger. */
export const LEVEL = 3

export interface Part {
  /** nothing was written where it is 0 */
  readonly count: number
  /** of the lines */
  readonly bytes: number
  readonly sha256: string
  /** `_id` of the last resource looked at; undefined: there was none */
  readonly last: string | undefined
  /** nothing follows */
  readonly isEnd: boolean
  /** `_id`s of what was deleted */
  readonly deleted: readonly string[]
}

export interface PartWish {
  readonly files: Files
  readonly name: string
  readonly batches: AsyncIterator<ExportBatch>
  readonly line: (body: string) => string
  /** the file ends with the batch in which it has so many */
  readonly most: number
  readonly signal: AbortSignal
}

export async function writePart({ files, name, batches, line, most, signal }: PartWish): Promise<Part> {
  const hash = createHash('sha256')
  const deleted: string[] = []
  const part = { count: 0, bytes: 0, last: undefined as string | undefined, isEnd: false }
  async function* chunks(): AsyncGenerator<Buffer> {
    while (part.count + deleted.length < most) {
      signal.throwIfAborted()
      const next = await batches.next()
      part.isEnd = next.done === true
      if (next.done) return
      const { found, last } = next.value
      part.last = last
      let text = ''
      for (const { _id, body } of found) {
        if (body === undefined) {
          deleted.push(_id)
          continue
        }
        text += `${line(body)}\n`
        part.count++
      }
      if (text === '') continue
      const chunk = Buffer.from(text)
      hash.update(chunk)
      part.bytes += chunk.length
      yield chunk
    }
  }
  await writePacked(files, name, chunks())
  return { ...part, sha256: hash.digest('hex'), deleted }
}

/** No file where nothing comes. */
export async function writePacked(files: Files, name: string, chunks: AsyncGenerator<Buffer>): Promise<void> {
  const first = await chunks.next()
  if (first.done) return
  async function* all(): AsyncGenerator<Buffer> {
    yield first.value as Buffer
    yield* chunks
  }
  // What breaks on one side ends the other, and whoever writes is told
  const packed = pipeline(Readable.from(all()), createGzip({ level: LEVEL }), () => undefined)
  await files.write(name, packed)
}
