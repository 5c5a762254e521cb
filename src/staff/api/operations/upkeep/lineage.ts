/** Where each element of a record comes from (docs/lineage.md), in plain JSON. */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { ApiOperation } from '../../operation.ts'
import { ok } from '../../operation.ts'

export const getLineage: ApiOperation = {
  async handle({ records, path: { type = '', id = '' } }) {
    const { parameter = [] } = (await records.ask('GET', [type, id, '$lineage'])) as Parameters
    const mapping = partsNamed(parameter, 'mapping')[0]
    return ok({
      resource: parameter.find(({ name }) => name === 'resource')?.valueReference?.reference,
      ...(mapping && { mapping: textsIn(mapping) }),
      elements: partsNamed(parameter, 'element').map(elementOf),
    })
  },
}

type Part = readonly ParametersParameter[]

function elementOf(part: Part): object {
  const [rule] = partsNamed(part, 'rule')
  const [written = []] = partsNamed(part, 'written')
  return {
    ...textsIn(part),
    columns: partsNamed(part, 'column').map((column) => ({ ...textsIn(column, 'key'), keys: valuesOf(column, 'key') })),
    codes: partsNamed(part, 'code').map((code) => textsIn(code)),
    ...(rule && { rule: textsIn(rule) }),
    written: { ...textsIn(written), version: Number(valuesOf(written, 'version')[0]) },
  }
}

function partsNamed(part: Part, name: string): Part[] {
  return part.flatMap((each) => (each.name === name && each.part ? [each.part] : []))
}

function valuesOf(part: Part, name: string): unknown[] {
  return part.flatMap((each) => (each.name === name ? [valueIn(each)] : []))
}

/** Each value by its name, but that one. */
function textsIn(part: Part, without?: string): Readonly<Record<string, unknown>> {
  const single = part.filter(({ name, part: inner }) => !inner && name !== without)
  return Object.fromEntries(single.map((each) => [each.name, valueIn(each)]))
}

function valueIn({ valueString, valueCode, valuePositiveInt, valueId, valueInstant }: ParametersParameter): unknown {
  return valueString ?? valueCode ?? valuePositiveInt ?? valueId ?? valueInstant
}
