/** docs/conformance.md, made of the registry of search parameters and of what tests show. */
import { resourceTypes } from '../../src/r4/elements.ts'
import { searchParametersOf } from '../../src/r4/search-parameters.ts'
import type { SearchParameter } from '../../src/r4/search-parameters.ts'
import { prefixesOf } from '../../src/fhir/capability-statement.ts'
import { isSearchable } from '../../src/fhir/search/searchable.ts'
import { modifiersOf } from '../../src/fhir/search/types/index.ts'
import { departures, gaps, headers, interactions, kinds, modifiers, special } from './conformance-evidence.ts'
import type { Shown } from './conformance-evidence.ts'

interface Kind {
  readonly type: string
  readonly parameters: number
  readonly modifiers: readonly string[]
  readonly prefixes: readonly string[]
}

/** The types of search parameter with what any parameter of theirs takes. */
export function searchKinds(): Kind[] {
  const all = resourceTypes.flatMap((type) =>
    [...searchParametersOf(type).values()].filter(isSearchable).map((parameter) => ({ type, parameter })),
  )
  return [...Map.groupBy(all, ({ parameter }) => parameter.type)].map(([type, each]) => ({
    type,
    parameters: new Set(each.map(({ parameter }) => parameter.url)).size,
    modifiers: [...new Set(each.flatMap((one) => modifierNames(one.parameter, one.type)))],
    prefixes: [...new Set(each.flatMap(({ parameter }) => prefixesOf(parameter)))],
  }))
}

function modifierNames(parameter: SearchParameter, type: string): string[] {
  const targets = new Set(parameter.target)
  return modifiersOf(parameter, type).map((name) => (targets.has(name) ? ':[type]' : `:${name}`))
}

/** Parameters of R4 that are refused, by type of parameter. */
function refused(): string {
  const all = resourceTypes.flatMap((type) => [...searchParametersOf(type).values()])
  return [...new Set(all.filter((each) => !isSearchable(each)).map(({ code }) => `\`${code}\``))].sort().join(', ')
}

export function conformancePage(): string {
  const searches = searchKinds().map(({ type, parameters, modifiers: names, prefixes }) =>
    [type, String(parameters), names.join(' '), prefixes.join(' '), testOf(kinds[type] as Shown)].join(' | '),
  )
  return [
    '# What is conformed to, and what shows it',
    'FHIR R4 (4.0.1). This page is made by `WRITE_DOCS=1 npx jest test/fhir/conformance.test.ts` of the registry that searches and the CapabilityStatement are made of; a test sees to it that it is current and that every test it names is there. A name that begins with `%s` stands for a table of cases.',
    '## Interactions',
    table('interaction | shown by', rows(interactions)),
    '## Search parameters',
    `Every parameter of R4 for every type, but for ${refused()}; and those of [profiles/](search-parameters.md). Which modifiers and prefixes one parameter takes is said in /metadata, in its documentation. Modifiers are shown by ${modifiers.map(testOf).join(' and ')}. Every parameter is asked with its modifiers and prefixes over generated resources, and answered as an oracle of its own finds: [fhir/search/oracle](../test/fhir/search/oracle.test.ts).`,
    table('type | parameters of R4 | modifiers | prefixes | shown by', searches),
    '## Special parameters, results and pages',
    table('parameter | shown by', rows(special)),
    '## Headers',
    table('header | shown by', rows(headers)),
    '## Known gaps',
    list(gaps),
    '## Deliberate departures, and choices where R4 leaves one',
    list(departures),
    '## Seen by clients that are not ours',
    `MedplumClient and fhir-kit-client in ${testOf(['fhir/clients', 'searches by GET and POST, and follows pages'])}. The pains that users of other servers report each have a test named after them: [test/fhir/pains.test.ts](../test/fhir/pains.test.ts).`,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function rows(shown: Readonly<Record<string, Shown>>): string[] {
  return Object.entries(shown).map(([what, test]) => `${what} | ${testOf(test)}`)
}

function testOf([file, name]: Shown): string {
  return `[${file}](../test/${file}.test.ts): ${name}`
}

function table(head: string, body: readonly string[]): string {
  const rule = head.split('|').map(() => '---')
  return [`| ${head} |`, `| ${rule.join(' | ')} |`, ...body.map((line) => `| ${line} |`)].join('\n')
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}
