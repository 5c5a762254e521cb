/**
 * What to ask: for every parameter of every type, each form of each value that its resources have, under every modifier
 * and prefix, and values that nothing has.
 */
import type { World } from './ask.ts'
import { componentsOf, parametersOf, partOfCode, type Parameter } from './definitions.ts'
import { prefixes } from './intervals.ts'
import { displaysOf, textsOf, tokensOf } from './matches.ts'
import { amountOf } from './ordered.ts'
import { escaped, folded } from './text.ts'
import { partsOf, valuesOf, type Json, type Value } from './values.ts'

export interface Question {
  readonly type: string
  readonly name: string
  readonly value: string
  /** What it tries: type of parameter, modifier, prefix or form, type of value. */
  readonly tries: string
}

/** A value as a search writes it. */
interface Form {
  readonly modifier?: string
  readonly form: string
  readonly text: string
}

/**
 * Not asked: what has no expression or is no comparison of values (words and places, for which special-oracle.test.ts asks),
 * and how names sound, which the gateway refuses.
 */
export const notAsked: ReadonlySet<string> = new Set(['_text', '_content', '_query', 'near', 'phonetic'])

export function questionsOf(world: World, type: string): Question[] {
  return parametersOf(type)
    .filter(({ code }) => !notAsked.has(code))
    .flatMap((parameter) => [
      ...missing(parameter).map((form) => question(type, parameter, form, '-')),
      ...nothing(parameter).map((form) => question(type, parameter, form, '-')),
      ...(world.get(type) ?? []).flatMap((resource) =>
        parameter.type === 'composite'
          ? partsOf(parameter, resource).flatMap((parts) => composites(type, parameter, parts))
          : valuesOf(parameter, resource).flatMap((value) =>
              formsOf(parameter, value).map((form) => question(type, parameter, form, value.type)),
            ),
      ),
    ])
}

function question(type: string, parameter: Parameter, { modifier, form, text }: Form, valueType: string): Question {
  const name = modifier === undefined ? parameter.code : `${parameter.code}:${modifier}`
  const kind = modifier && /^[A-Z]/.test(modifier) ? '[type]' : (modifier ?? '')
  return { type, name, value: text, tries: [parameter.type, kind, form, valueType].join(' ') }
}

/** The first value of each part, plainly and under the prefixes that it takes. */
function composites(type: string, composite: Parameter, parts: readonly (readonly Value[])[]): Question[] {
  const components = componentsOf(composite)
  const forms = parts.map((values, index) => {
    const { parameter } = components[index] as { parameter: Parameter }
    return values
      .flatMap((value) => formsOf(parameter, value))
      .filter(({ modifier, form }) => !modifier && form !== 'system|')
  })
  const most = Math.min(12, Math.max(...forms.map(({ length }) => length)))
  if (forms.some(({ length }) => length === 0)) return []
  return Array.from({ length: most }, (_, index) => {
    const row = forms.map((each) => each[index % each.length] as Form)
    const kinds = components.map(({ parameter }) => parameter.type).join('$')
    return question(
      type,
      composite,
      { form: row.map(({ form }) => form).join('$'), text: row.map(({ text }) => text).join('$') },
      kinds,
    )
  })
}

// ── forms ────────────────────────────────────────────────────────────────────────────────────────

const forms: Readonly<Partial<Record<Parameter['type'], (value: Value, parameter: Parameter) => Form[]>>> = {
  string: stringForms,
  token: tokenForms,
  reference: referenceForms,
  uri: uriForms,
  date: dateForms,
  number: (value) => numbers(value).flatMap(everyPrefix),
  quantity: quantityForms,
}

function formsOf(parameter: Parameter, value: Value): Form[] {
  return value.value === null ? [] : (forms[parameter.type]?.(value, parameter) ?? [])
}

/** Modifiers are not used on composites (search.html#composite). */
function missing({ type }: Parameter): Form[] {
  return type === 'composite' ? [] : ['true', 'false'].map((text) => ({ modifier: 'missing', form: text, text }))
}

const nothings: Readonly<Partial<Record<Parameter['type'], string>>> = {
  string: 'zzz nobody',
  token: 'urn:example:nothing|none',
  reference: 'nothing-at-all',
  uri: 'urn:example:nothing',
  date: '1802-05',
  number: '987654.5',
  quantity: '987654.5',
}

function nothing(parameter: Parameter): Form[] {
  const parts = parameter.type === 'composite' ? componentsOf(parameter).map((each) => each.parameter) : [parameter]
  return [{ form: 'nothing', text: parts.map(({ type }) => nothings[type] ?? '').join('$') }]
}

function stringForms(value: Value): Form[] {
  return textsOf(value)
    .map(({ text }) => text)
    .filter((text) => folded(text) !== '')
    .flatMap((text) => {
      const letters = Array.from(text)
      const beginning = letters.slice(0, Math.ceil(letters.length / 2)).join('')
      const middle = letters.slice(Math.floor(letters.length / 3)).join('')
      const plain = [text, folded(text).toUpperCase(), beginning, middle]
      return [
        ...plain.map((each, index) => ({
          form: ['whole', 'folded', 'beginning', 'middle'][index] as string,
          text: each,
        })),
        { modifier: 'contains', form: 'middle', text: middle },
        { modifier: 'contains', form: 'folded', text: folded(text) },
        { modifier: 'exact', form: 'whole', text },
        { modifier: 'exact', form: 'folded', text: folded(text) },
      ].filter((form) => folded(form.text) !== '')
    })
    .map((form) => ({ ...form, text: escaped(form.text) }))
}

function tokenForms(value: Value): Form[] {
  const tokens = tokensOf(value).flatMap(({ system, code }): Form[] => {
    const [s, c] = [system, code].map((it) => (typeof it === 'string' ? escaped(it) : undefined))
    return [
      ...(c === undefined
        ? []
        : [
            { form: 'code', text: c },
            { form: '|code', text: `|${c}` },
          ]),
      ...(c === undefined || s === undefined ? [] : [{ form: 'system|code', text: `${s}|${c}` }]),
      ...(s === undefined ? [] : [{ form: 'system|', text: `${s}|` }]),
    ]
  })
  const displays = displaysOf(value).flatMap((text) => [text, folded(text)])
  return [
    ...tokens,
    ...tokens.map((form) => ({ ...form, modifier: 'not' })),
    ...displays.map((text) => ({ modifier: 'text', form: 'text', text: escaped(text) })),
    ...ofTypes(value),
  ]
}

function ofTypes({ type, value }: Value): Form[] {
  if (type !== 'Identifier') return []
  const it = value as { value?: string; type?: { coding?: { system?: string; code?: string }[] } }
  return (it.type?.coding ?? []).flatMap(({ system, code }) =>
    [system, code, it.value].some((part) => part === undefined)
      ? []
      : [
          {
            modifier: 'of-type',
            form: 'whole',
            text: [system, code, it.value].map((part) => escaped(part ?? '')).join('|'),
          },
        ],
  )
}

function referenceForms({ type, value }: Value, { target = [] }: Parameter): Form[] {
  if (typeof value === 'string') return canonicalForms(value)
  if (type !== 'Reference') return []
  const { reference, identifier } = value as { reference?: string; identifier?: Json }
  const logical = identifier
    ? tokenForms({ type: 'Identifier', value: identifier }).filter((form) => !form.modifier)
    : []
  return [...literalForms(reference, target), ...logical.map((form) => ({ ...form, modifier: 'identifier' }))]
}

function literalForms(reference: string | undefined, target: readonly string[]): Form[] {
  if (reference === undefined || reference.startsWith('#')) return []
  const [, type, id] = /^(\w+)\/([^/]+)/.exec(reference) ?? []
  if (type === undefined || id === undefined) return [{ form: 'absolute', text: escaped(reference) }]
  if (!target.includes(type)) return []
  const other = target.find((each) => each !== type)
  return [
    { form: 'Type/id', text: `${type}/${id}` },
    { form: 'id', text: id },
    { modifier: type, form: 'id', text: id },
    { modifier: type, form: 'Type/id', text: `${type}/${id}` },
    ...(partOfCode(type) === undefined ? [] : ['above', 'below']).flatMap((modifier) => [
      { modifier, form: 'id', text: id },
      { modifier, form: 'Type/id', text: `${type}/${id}` },
    ]),
    ...(other === undefined ? [] : [{ modifier: other, form: 'other', text: id }]),
  ]
}

function canonicalForms(text: string): Form[] {
  const [bare = '', version] = text.split('|')
  const whole = { form: 'canonical', text: escaped(text) }
  return version === undefined ? [whole] : [whole, { form: 'without version', text: escaped(bare) }]
}

function uriForms({ value }: Value): Form[] {
  const text = String(value)
  const hierarchical = /^[a-z]+:\/\/[^/]+/.exec(text)?.[0]
  const bare = escaped(text.split('|')[0] ?? '')
  return [
    ...canonicalForms(text),
    { form: 'part', text: bare.slice(0, -1) },
    ...(hierarchical === undefined
      ? []
      : [
          { modifier: 'below', form: 'host', text: hierarchical },
          { modifier: 'below', form: 'itself', text: bare },
          { modifier: 'above', form: 'itself', text: bare },
          { modifier: 'above', form: 'child', text: `${bare}/x/y` },
        ]),
  ]
}

function everyPrefix({ form, text }: Form): Form[] {
  return [{ form, text }, ...prefixes.map((prefix) => ({ form: `${prefix} ${form}`, text: `${prefix}${text}` }))]
}

function dateForms({ type, value }: Value): Form[] {
  const it = value as { start?: string; end?: string; event?: (string | null)[] }
  if (!['date', 'dateTime', 'instant', 'Period', 'Timing'].includes(type)) return []
  const texts = typeof value === 'string' ? [value] : type === 'Timing' ? (it.event ?? []) : [it.start, it.end]
  return texts
    .filter((text) => typeof text === 'string')
    .flatMap((text) => {
      const precisions = [
        text,
        text.slice(0, 16).replace(/T..$/, ''),
        text.slice(0, 10),
        text.slice(0, 7),
        text.slice(0, 4),
      ]
      return [...new Set(precisions)].map((each) => ({ form: precisionOf(each), text: each }))
    })
    .flatMap(everyPrefix)
}

function precisionOf(text: string): string {
  if (text.includes('.')) return 'fraction'
  return { 4: 'year', 7: 'month', 10: 'day', 16: 'minute' }[text.length] ?? 'second'
}

function numbers(value: Value): Form[] {
  const { from = 0, to = 0 } = amountOf(value) ?? {}
  const found = [...new Set([from, to])].filter(Number.isFinite)
  return found.flatMap((number) => [
    { form: 'number', text: String(number) },
    { form: 'one figure', text: number.toExponential(0).replace('+', '') },
    { form: 'more figures', text: Number.isInteger(number) ? `${number}.00` : `${number}` },
  ])
}

function quantityForms(value: Value): Form[] {
  const { system, code, unit } = amountOf(value) ?? {}
  const parts = [system, code, unit].map((it) => (typeof it === 'string' ? escaped(it) : ''))
  const [s = '', c = '', u = ''] = parts
  const units = [
    { form: 'any', text: '' },
    ...(s && c ? [{ form: 'system|code', text: `|${s}|${c}` }] : []),
    ...(c ? [{ form: '||code', text: `||${c}` }] : []),
    ...(u ? [{ form: '||unit', text: `||${u}` }] : []),
    ...(c === 'mg' && s.includes('unitsofmeasure') ? [{ form: 'converted', text: `|${s}|g` }] : []),
  ]
  return numbers(value)
    .flatMap(everyPrefix)
    .flatMap(({ form, text }) => units.map((each) => ({ form: `${form} ${each.form}`, text: text + each.text })))
}
