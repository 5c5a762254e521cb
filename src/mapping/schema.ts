/**
 * The JSON Schema (draft-07: the one editors read) of the files under `mappings/`, and its check.
 *
 * What a schema cannot say (does this FHIR path exist, is this table invertible) is checked where it is compiled.
 */
import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import type { MappingFileError } from './errors.ts'
import { jobsSchema } from './jobs.ts'
import type { YamlFile } from './yaml-file.ts'

const text = { type: 'string', minLength: 1 }
const texts = { type: 'array', items: text }
const textOrTexts = { anyOf: [text, { ...texts, minItems: 1 }] }
const scalar = { type: ['string', 'number', 'boolean', 'null'] }
const wanted = { anyOf: [scalar, { type: 'array', items: scalar }] }
const not = { type: 'object', required: ['not'], additionalProperties: false, properties: { not: wanted } }
const conditions = { type: 'object', additionalProperties: { anyOf: [wanted, not] } }
const target = {
  anyOf: [
    text,
    { type: 'object', required: ['mapping'], additionalProperties: false, properties: { mapping: text, mark: text } },
  ],
}
const keyChoice = {
  type: 'object',
  required: ['field'],
  additionalProperties: false,
  properties: { field: text, mark: text },
}
const slot = {
  anyOf: [
    text,
    {
      type: 'object',
      required: ['by'],
      additionalProperties: false,
      properties: { mark: text, by: { enum: ['text', 'index'] }, of: text },
    },
  ],
}

/** The keys every rule may have; a codec adds its own options. */
export const ruleProperties: Readonly<Record<string, object>> = {
  fhir: textOrTexts,
  field: text,
  fields: { ...texts, minItems: 1 },
  value: {},
  codec: text,
  of: text,
  table: text,
  to: { anyOf: [target, { type: 'array', items: target, minItems: 1 }] },
  display: textOrTexts,
  only: { enum: ['read', 'write', 'create'] },
  why: text,
  when: conditions,
  with: textOrTexts,
  absent: text,
  empty: {},
  otherwise: text,
  sealed: { const: true },
}
const rules = { type: 'array', items: { type: 'object', required: ['fhir'] } }

const join = {
  type: 'object',
  required: ['collection', 'on'],
  additionalProperties: false,
  properties: { collection: text, on: text, part: { type: 'boolean' }, many: { type: 'boolean' } },
}

const words = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: 'object', additionalProperties: texts },
}
const create = {
  type: 'object',
  additionalProperties: false,
  properties: {
    values: { type: 'object' },
    generate: { type: 'object', additionalProperties: { enum: ['uuid', 'integer', 'now', 'unusable-secret'] } },
    allocate: { type: 'object', additionalProperties: { type: 'string', pattern: '^[^%]*%0?\\d*d[^%]*$' } },
  },
}
const remove = {
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
  properties: {
    set: { type: 'object', minProperties: 1 },
    remove: { enum: ['row', 'element'] },
    empty: { const: true },
  },
}

const consequence = {
  type: 'object',
  required: ['when', 'set'],
  additionalProperties: false,
  properties: { when: { ...conditions, minProperties: 1 }, set: { type: 'object', minProperties: 1 } },
}

const mapping = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Isthmus mapping',
  type: 'object',
  required: ['mapping', 'resource', 'source', 'rules'],
  additionalProperties: false,
  properties: {
    mapping: { type: 'string', pattern: '^[a-z0-9-]+/[a-z0-9-]+$' },
    resource: text,
    title: text,
    profile: textOrTexts,
    direction: { enum: ['rw', 'ro', 'create'] },
    source: {
      type: 'object',
      required: ['collection', 'alias'],
      additionalProperties: false,
      properties: {
        collection: text,
        alias: text,
        join: { type: 'object', additionalProperties: join },
        where: conditions,
        deleted: texts,
        each: { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: text },
        needs: texts,
      },
    },
    key: {
      anyOf: [
        textOrTexts,
        {
          type: 'object',
          required: ['first'],
          additionalProperties: false,
          properties: { first: { type: 'array', items: keyChoice, minItems: 1 } },
        },
      ],
    },
    mark: text,
    slot,
    id: text,
    sid: text,
    rules,
    split: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        required: ['rules'],
        additionalProperties: false,
        properties: { needs: texts, when: conditions, profile: textOrTexts, rules },
      },
    },
    'not-mapped': { type: 'object', additionalProperties: texts },
    create,
    require: conditions,
    unique: texts,
    editable: conditions,
    transitions: words,
    delete: remove,
    touch: texts,
    accepts: { type: 'array', minItems: 1, items: { ...conditions, minProperties: 1 } },
    follows: { type: 'array', minItems: 1, items: consequence },
  },
}

const system = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Isthmus source system',
  type: 'object',
  required: ['system', 'title', 'id-prefix', 'keys'],
  additionalProperties: false,
  properties: {
    system: { type: 'string', pattern: '^[a-z0-9-]+$' },
    title: text,
    'id-prefix': { type: 'string', pattern: '^[a-z0-9-]+-$' },
    tenant: {
      type: 'object',
      required: ['column', 'collection', 'key', 'slug'],
      additionalProperties: false,
      properties: { column: text, collection: text, key: text, slug: text },
    },
    keys: { type: 'object', additionalProperties: textOrTexts },
    timestamps: { enum: ['sql', 'iso', 'date'] },
    internal: { type: 'object', additionalProperties: text },
    jobs: jobsSchema,
    questions: texts,
  },
}

const columns = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Declared columns of a source system',
  type: 'object',
  additionalProperties: {
    type: 'object',
    additionalProperties: {
      type: 'string',
      pattern: '^(key|key integer|ref \\S+|text|text\\[\\]|integer|number|decimal|boolean|date|timestamp|json|secret)$',
    },
  },
}

const code = { anyOf: [{ type: ['string', 'boolean', 'number'] }, { type: 'array', items: { type: 'string' } }] }
const codes = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Code tables of a source system',
  type: 'object',
  additionalProperties: {
    anyOf: [
      {
        type: 'object',
        required: ['codes'],
        additionalProperties: false,
        properties: {
          system: text,
          else: code,
          codes: { type: 'object', additionalProperties: code },
          display: { type: 'object', additionalProperties: text },
        },
      },
      { type: 'object', not: { required: ['codes'] }, additionalProperties: code },
    ],
  },
}

export const schemas = { mapping, system, columns, codes }

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })
const validators = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]))

/** Every way in which the file is not what its schema says. */
export function schemaErrors(kind: keyof typeof schemas, file: YamlFile): MappingFileError[] {
  const validate = validators[kind]
  if (!validate || validate(file.data)) return []
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'if')
  return (errors.length ? errors : (validate.errors ?? [])).map((error) => describe(file, error))
}

/** Checks one value against a schema of a codec's option. */
export function checkOption(schema: object, value: unknown): string | undefined {
  const validate = ajv.compile(schema)
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'it' })
}

function describe(file: YamlFile, error: ErrorObject): MappingFileError {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer)
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty'])
    return file.error([...path, key], `unknown key "${key}"`)
  }
  const at = path.length ? `"${path.join('.')}" ` : ''
  return file.error(path, `${at}${error.message ?? 'is not valid'}`)
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
