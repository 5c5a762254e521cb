/** A gzipped ustar archive of text files, the same bytes for the same files: no times, no owners. */
import { gzipSync } from 'node:zlib'

const BLOCK = 512
/** npm's own constant (1985-10-26): a time of 0 makes some programs complain. */
const MODIFIED = 499_162_500
/** Where gzip names the operating system (RFC 1952 §2.3.1); 255 is "unknown". */
const OS_BYTE = 9

export function tarball(files: ReadonlyMap<string, string>): Buffer {
  const blocks = [...files].flatMap(([path, text]) => {
    const content = Buffer.from(text)
    return [header(path, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]
  })
  const zipped = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 })
  zipped[OS_BYTE] = 255
  return zipped
}

/** POSIX.1-1988 ustar: the folder goes into the prefix, so that long names fit. */
function header(path: string, size: number): Buffer {
  const slash = path.lastIndexOf('/')
  const block = Buffer.alloc(BLOCK)
  const put = (text: string, offset: number): unknown => block.write(text, offset, 'latin1')
  put(path.slice(slash + 1), 0)
  put('0000644\0', 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  put(`${octal(size, 11)}\0`, 124)
  put(`${octal(MODIFIED, 11)}\0`, 136)
  put(' '.repeat(8), 148)
  put('0', 156)
  put('ustar\x0000', 257)
  put(path.slice(0, Math.max(slash, 0)), 345)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${octal(sum, 6)}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
