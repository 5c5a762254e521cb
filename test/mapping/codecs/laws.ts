/** What the codec tests share: a context, a code table, and the law every codec keeps. */
import { expect } from '@jest/globals'
import { normaliseWord } from '../../../src/mapping/code-table.ts'
import type { CodeTable, FhirCode } from '../../../src/mapping/code-table.ts'
import type { Codec, CodecContext, CodecDefinition, CodecOptions } from '../../../src/mapping/codec.ts'
import { codecs } from '../../../src/mapping/codecs/index.ts'

export const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Casablanca']

export interface TestContext extends CodecContext {
  readonly warnings: string[]
}

export function contextIn(timeZone = 'UTC'): TestContext {
  const warnings: string[] = []
  return {
    base: 'https://interop.example.org',
    timeZone,
    id: 'test-1',
    warnings,
    warn: (reason) => void warnings.push(reason),
  }
}

export function make(name: string, options: Partial<CodecOptions> = {}): Required<Codec> {
  const definition = codecs.get(name) as CodecDefinition
  return definition.make({ type: definition.types[0] ?? 'string', ...options }) as Required<Codec>
}

/** read(write(read(s), s)) is read(s); gives what was written. */
export function keepsReading(codec: Required<Codec>, stored: unknown, context: CodecContext = contextIn()): unknown {
  const fhir = codec.read(stored, context)
  const written = codec.write(fhir, stored, context)
  expect(codec.read(written, context)).toEqual(fhir)
  return written
}

export function tableOf(
  codes: Readonly<Record<string, FhirCode>>,
  more: { system?: string; otherwise?: FhirCode; display?: Readonly<Record<string, string>> } = {},
): CodeTable {
  const bare = (code: FhirCode): FhirCode => (typeof code === 'string' ? code.replace(/^~/, '') : code)
  const written = Object.entries(codes).filter(([, code]) => typeof code !== 'string' || !code.startsWith('~'))
  return {
    name: 'test-table',
    ...(more.system && { system: more.system }),
    ...(more.otherwise && { otherwise: more.otherwise }),
    toFhir: new Map(Object.entries(codes).map(([word, code]) => [normaliseWord(word), bare(code)])),
    placeOf: () => ({ file: 'codes.yaml', line: 1 }),
    toStored: new Map(written.map(([word, code]) => [[code].flat().join(' '), word])),
    display: new Map(Object.entries(more.display ?? {})),
  }
}
