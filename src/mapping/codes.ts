/** Reads `codes.yaml` into code tables and refuses tables that could not be written back. */
import { codeKey, normaliseWord } from './code-table.ts'
import type { CodeTable, FhirCode } from './code-table.ts'
import type { MappingFileError } from './errors.ts'
import type { YamlFile, YamlPath } from './yaml-file.ts'

type Cell = string | number | boolean | readonly string[]

interface WrittenTable {
  readonly system?: string
  readonly else?: Cell
  readonly codes: Readonly<Record<string, Cell>>
  readonly display?: Readonly<Record<string, string>>
}

export function readCodeTables(
  file: YamlFile,
  base: string,
): { tables: Map<string, CodeTable>; errors: MappingFileError[] } {
  const tables = new Map<string, CodeTable>()
  const errors: MappingFileError[] = []
  for (const [name, written] of Object.entries((file.data ?? {}) as Record<string, object>)) {
    const full = isWrittenTable(written) ? written : { codes: written as Record<string, Cell> }
    const placeOf = (word: string): YamlPath => (isWrittenTable(written) ? [name, 'codes', word] : [name, word])
    const table = codeTable(name, full, base, (word, message) => errors.push(file.error(placeOf(word), message)))
    tables.set(name, { ...table, placeOf: placeFinder(file, full, placeOf, [name, 'else']) })
  }
  return { tables, errors }
}

function placeFinder(
  file: YamlFile,
  { codes }: WrittenTable,
  placeOf: (word: string) => YamlPath,
  otherwise: YamlPath,
): CodeTable['placeOf'] {
  return (word) => {
    const spelled = Object.keys(codes).find((each) => normaliseWord(each) === word)
    return { file: file.file, line: file.lineOf(spelled === undefined ? otherwise : placeOf(spelled)) }
  }
}

function codeTable(
  name: string,
  written: WrittenTable,
  base: string,
  report: (word: string, message: string) => void,
): Omit<CodeTable, 'placeOf'> {
  const toFhir = new Map<string, FhirCode>()
  const toStored = new Map<string, string | number | boolean>()
  for (const [word, cell] of Object.entries(written.codes)) {
    const { code, readOnly } = parseCell(cell)
    toFhir.set(normaliseWord(word), code)
    if (readOnly) continue
    const other = toStored.get(codeKey(code))
    if (other !== undefined) {
      report(word, `${name}: "${word}" and "${other}" both write "${codeKey(code)}"; mark one with ~`)
      continue
    }
    toStored.set(codeKey(code), word)
  }
  return {
    name,
    toFhir,
    toStored,
    ...(written.system && { system: written.system.replace(/^IB\//, `${base}/`) }),
    ...(written.else !== undefined && { otherwise: parseCell(written.else).code }),
    display: new Map(Object.entries(written.display ?? {})),
  }
}

/** `~active` and `[~booked, accepted]` are read, never written. */
function parseCell(cell: Cell): { code: FhirCode; readOnly: boolean } {
  if (Array.isArray(cell)) {
    const readOnly = String(cell[0]).startsWith('~')
    return { code: cell.map((part) => String(part).replace(/^~/, '')), readOnly }
  }
  const text = String(cell)
  return { code: text.replace(/^~/, ''), readOnly: text.startsWith('~') }
}

function isWrittenTable(table: object): table is WrittenTable {
  return 'codes' in table
}
