/** FHIRPath text as a tree (http://hl7.org/fhirpath/N1/#formal-specifications): what invariants are written in. */

export type Tree =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'this' | 'index' }
  | { readonly kind: 'constant'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Tree | undefined; readonly name: string }
  | { readonly kind: 'call'; readonly of: Tree | undefined; readonly name: string; readonly inputs: readonly Tree[] }
  | { readonly kind: 'item'; readonly of: Tree; readonly index: Tree }
  | { readonly kind: 'type'; readonly operator: 'is' | 'as'; readonly of: Tree; readonly type: string }
  | { readonly kind: 'operator'; readonly operator: string; readonly left: Tree; readonly right: Tree }

/** It is not FHIRPath, or FHIRPath that is left to the library. */
export class NotReadError extends Error {
  override readonly name = 'NotReadError'
}

const token =
  /\s*(?:('(?:[^'\\]|\\.)*')|(`[^`]*`)|(%(?:`[^`]*`|'[^']*'|[\w-]+))|(\$(?:this|index|total))|(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|!=|!~|[.,()[\]{}=~<>+\-*/&|@]))/y

/** From what binds most loosely to what binds most tightly (http://hl7.org/fhirpath/N1/#operator-precedence). */
const LEVELS: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '!=', '~', '!~'],
  ['<=', '<', '>', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
]

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

export function parseFhirPath(text: string): Tree {
  const reader = { tokens: tokensOf(text), at: 0 }
  const tree = readLevel(reader, 0)
  if (reader.at < reader.tokens.length) throw new NotReadError(`nothing may follow at ${reader.tokens[reader.at]}`)
  return tree
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  const end = text.trimEnd().length
  while (token.lastIndex < end) {
    const match = token.exec(text)
    if (!match) throw new NotReadError('a sign that is none of FHIRPath')
    tokens.push(match[0].trimStart())
  }
  return tokens
}

function readLevel(reader: Reader, level: number): Tree {
  const operators = LEVELS[level]
  if (!operators) return readTerm(reader)
  let left = readLevel(reader, level + 1)
  for (;;) {
    const operator = reader.tokens[reader.at]
    if (operator === undefined || !operators.includes(operator)) return left
    reader.at++
    if (operator === 'is' || operator === 'as') left = { kind: 'type', operator, of: left, type: readType(reader) }
    else left = { kind: 'operator', operator, left, right: readLevel(reader, level + 1) }
  }
}

function readType(reader: Reader): string {
  const name = next(reader).replaceAll('`', '')
  if (reader.tokens[reader.at] !== '.' || !/^(FHIR|System)$/.test(name)) return name
  reader.at++
  return next(reader)
}

function readTerm(reader: Reader): Tree {
  let tree = readFirst(reader)
  for (;;) {
    const sign = reader.tokens[reader.at]
    if (sign === '.') {
      reader.at++
      tree = readName(reader, next(reader), tree)
    } else if (sign === '[') {
      reader.at++
      tree = { kind: 'item', of: tree, index: readLevel(reader, 0) }
      expect(reader, ']')
    } else return tree
  }
}

function readFirst(reader: Reader): Tree {
  const word = next(reader)
  if (word === '(') {
    const inner = readLevel(reader, 0)
    expect(reader, ')')
    return inner
  }
  if (word === '{') {
    expect(reader, '}')
    return { kind: 'empty' }
  }
  return readLiteral(word) ?? readName(reader, word, undefined)
}

function readLiteral(word: string): Tree | undefined {
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' }
  if (word.startsWith("'")) return { kind: 'literal', value: unescaped(word.slice(1, -1)) }
  if (/^\d/.test(word)) return { kind: 'literal', value: Number(word) }
  if (word === '$this') return { kind: 'this' }
  if (word === '$index') return { kind: 'index' }
  if (word.startsWith('%')) return { kind: 'constant', name: word.slice(1).replace(/^[`']|[`']$/g, '') }
  return undefined
}

function readName(reader: Reader, word: string, of: Tree | undefined): Tree {
  const name = /^`.*`$/.test(word) ? word.slice(1, -1) : word
  if (!/^\w+$/.test(name)) throw new NotReadError(`no name: ${word}`)
  if (reader.tokens[reader.at] !== '(') return { kind: 'member', of, name }
  reader.at++
  const inputs: Tree[] = []
  while (reader.tokens[reader.at] !== ')') {
    inputs.push(readLevel(reader, 0))
    if (reader.tokens[reader.at] === ',') reader.at++
  }
  reader.at++
  return { kind: 'call', of, name, inputs }
}

function next(reader: Reader): string {
  const word = reader.tokens[reader.at++]
  if (word === undefined) throw new NotReadError('it ends too early')
  return word
}

function expect(reader: Reader, sign: string): void {
  if (next(reader) !== sign) throw new NotReadError(`${sign} is missing`)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, sign: string) =>
    code === undefined ? (ESCAPES[sign] ?? sign) : String.fromCharCode(parseInt(code, 16)),
  )
}
