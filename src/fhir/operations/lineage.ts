/**
 * `[type]/[id]/$lineage`: where each element comes from, as Parameters (docs/lineage.md).
 *
 * It says of an element where it stands, not its value: that is in the resource.
 */
import type { Answer } from '../../http/answer.ts'
import type { CodeLineage, ColumnLineage, ElementOrigin, RuleLineage } from '../../mapping/explain.ts'
import type { ElementHistory, ResourceLineage, VersionMark } from '../../projection/lineage.ts'
import { readLineage } from '../../projection/lineage.ts'
import type { FhirContext } from '../context.ts'
import { read } from '../interactions/read.ts'
import type { Call, Operation } from './operation.ts'
import type { Parameter } from './parameters.ts'
import { parametersAnswer } from './parameters.ts'

export const lineage: Operation = {
  code: 'lineage',
  definition: 'lineage',
  levels: ['instance'],
  access: 'reads',
  inputs: [],
  async handle(context: FhirContext, { type = '', id = '' }: Call): Promise<Answer> {
    const found = await readLineage(context.writeBack, context.permit, type, id)
    // 404 or 410, in the words of a read
    if (!found) return read(context, type, id)
    const stored = await context.reader.read(context.permit, type, id)
    context.request.trail?.saw(stored ? [stored] : [])
    return parametersAnswer('lineage', parametersOf(found, type, id))
  },
}

function parametersOf({ version, mapping, elements }: ResourceLineage, type: string, id: string): Parameter[] {
  return [
    { name: 'resource', valueReference: { reference: `${type}/${id}/_history/${version}` } },
    ...(mapping ? [group('mapping', text('name', mapping.name), text('version', mapping.version))] : []),
    ...provenances(elements, `${type}/${id}`).map((resource) => ({ name: 'provenance', resource })),
    ...elements.map((element) => elementParameter(element, type)),
  ]
}

const ACTIVITY = { POST: 'CREATE', PUT: 'UPDATE', DELETE: 'DELETE' } as const

/** What FHIR clients wrote of what the resource says now, a version each (https://hl7.org/fhir/R4/provenance.html). */
function provenances(elements: readonly ElementHistory[], reference: string): object[] {
  const versions = new Map(elements.map(({ written }) => [written.v, written]))
  return [...versions.values()].flatMap(({ v, u, method, by }) => {
    if (by === undefined) return []
    const coding = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: ACTIVITY[method] }]
    return {
      resourceType: 'Provenance',
      target: [{ reference: `${reference}/_history/${v}` }],
      recorded: u.toISOString(),
      activity: { coding },
      agent: [{ who: { display: by } }],
    }
  })
}

function elementParameter({ path, origin, written }: ElementHistory, type: string): Parameter {
  return group(
    'element',
    text('path', `${type}.${path}`),
    { name: 'origin', valueCode: origin.kind },
    ...sourceParameters(origin),
    writtenParameter(written),
  )
}

function sourceParameters(origin: ElementOrigin): Parameter[] {
  if (origin.kind === 'gateway' || origin.kind === 'client') return []
  return [...origin.columns.map(columnParameter), ...origin.codes.map(codeParameter), ruleParameter(origin.rule)]
}

function columnParameter({ system, collection, keys, column }: ColumnLineage): Parameter {
  return group(
    'column',
    text('system', system),
    text('collection', collection),
    ...keys.map((key) => text('key', key)),
    text('field', column),
  )
}

function codeParameter({ table, stored, code, file, line }: CodeLineage): Parameter {
  return group('code', text('table', table), text('stored', stored), text('code', code), ...place(file, line))
}

function ruleParameter({ text: rule, file, line, codec, direction, why }: RuleLineage): Parameter {
  return group(
    'rule',
    text('text', rule),
    ...place(file, line),
    { name: 'codec', valueCode: codec },
    { name: 'direction', valueCode: direction },
    ...(why === undefined ? [] : [text('why', why)]),
  )
}

/** `hms/patient.yaml`: where the mappings lie on the server is nobody's business. */
function place(file: string, line: number): Parameter[] {
  return [text('file', file.split(/[/\\]/).slice(-2).join('/')), { name: 'line', valuePositiveInt: line }]
}

function writtenParameter({ v, u, by }: VersionMark): Parameter {
  return group(
    'written',
    { name: 'version', valueId: String(v) },
    { name: 'at', valueInstant: u.toISOString() },
    ...(by === undefined ? [] : [text('by', by)]),
  )
}

function group(name: string, ...part: readonly Parameter[]): Parameter {
  return { name, part }
}

function text(name: string, valueString: string): Parameter {
  return { name, valueString }
}
