/** A YAML file that remembers on which line each of its values stands, so that every mistake can be named with it. */
import { readFileSync } from 'node:fs'
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument, stringify } from 'yaml'
import type { Document, Node } from 'yaml'
import { MappingFileError } from './errors.ts'

export type YamlPath = readonly (string | number)[]

export interface YamlFile {
  readonly file: string
  readonly text: string
  readonly data: unknown
  /** The line of the value at `path`, or of the nearest thing around it. */
  lineOf(path: YamlPath): number
  error(path: YamlPath, message: string): MappingFileError
}

export function readYamlFile(file: string, text = readFileSync(file, 'utf8')): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const mistake = document.errors[0]
  if (mistake) throw new MappingFileError(file, lines.linePos(mistake.pos[0]).line, firstLine(mistake.message))
  const lineOf = (path: YamlPath) => lines.linePos(offsetOf(document, path)).line || 1
  return {
    file,
    text,
    data: document.toJS(),
    lineOf,
    error: (path, message) => new MappingFileError(file, lineOf(path), message),
  }
}

/** A value as it would stand on one line: `{ fhir: gender, field: u.gender }`. */
export function flowText(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()
}

function offsetOf(document: Document, path: YamlPath): number {
  let node: Node | null = document.contents
  let offset = 0
  for (const step of path) {
    const next = childOf(node, step)
    if (!next) break
    offset = next.offset
    node = next.node
  }
  return offset
}

function childOf(node: Node | null, step: string | number): { node: Node | null; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
    if (!pair || !isScalar(pair.key)) return undefined
    return { node: isNode(pair.value) ? pair.value : null, offset: pair.key.range?.[0] ?? 0 }
  }
  if (!isSeq(node)) return undefined
  const item = node.items[Number(step)]
  return isNode(item) ? { node: item, offset: item.range?.[0] ?? 0 } : undefined
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
}
