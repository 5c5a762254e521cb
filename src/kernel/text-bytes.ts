/** Texts put together in one piece of UTF-8, of parts some of which are that already. */
export type TextPart = string | Buffer

export function joinedBytes(parts: readonly TextPart[]): Buffer {
  let length = 0
  for (const part of parts) length += Buffer.byteLength(part)
  const joined = Buffer.allocUnsafe(length)
  let end = 0
  for (const part of parts) {
    if (typeof part === 'string') end += joined.write(part, end)
    else end += part.copy(joined, end)
  }
  return joined
}
