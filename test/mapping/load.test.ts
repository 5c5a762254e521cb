/** Every mistake a mapping can hold is named with file and line before anything is served. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { loadSystems } from '../../src/mapping/load.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mappings-'))
  mkdirSync(join(folder, 'clinic'))
  write(
    'system.yaml',
    'system: clinic\ntitle: Clinic\nid-prefix: clinic-\nkeys: { people: id, visits: id }\ninternal: { visits: not asked for }\n',
  )
  write(
    'columns.yaml',
    `people: { id: key, name: text, sex: text, born: date, password: secret }
visits: { id: key, personId: ref people, state: text, reason: text }
`,
  )
  write('codes.yaml', 'sex:\n  male: male\n  female: female\n  f: ~female\n')
  write('person.yaml', person())
})
afterEach(() => rmSync(folder, { recursive: true }))

function person(rules = '', source = '{ collection: people, alias: p }'): string {
  return `mapping: clinic/person
resource: Patient
source: ${source}
key: p.id
rules:
  - { fhir: "name[0].family", field: p.name }
  - { fhir: gender, field: p.sex, codec: code, table: sex }
  - { fhir: birthDate, field: p.born, codec: date }
${rules}not-mapped: { secret: [p.password] }
`
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'clinic', name), text)
}

function mistakes(): string[] {
  const { errors } = loadSystems(folder, { base: 'https://interop.example.org' })
  return errors.map(({ file, line, message }) => `${basename(file)}:${String(line)}: ${message}`)
}

test('a system without mistakes loads', () => {
  expect(mistakes()).toEqual([])
})

test.each([
  ['an unknown key', 'fhri: gender, field: p.sex', 'person.yaml:9: "rules.3" must have required property \'fhir\''],
  ['an unknown option', 'fhir: language, field: p.name, colour: red', 'person.yaml:9: unknown key "colour" in a rule'],
  [
    'a FHIR path that does not exist',
    'fhir: nam, field: p.name',
    'person.yaml:9: "nam" of "nam" is no element of Patient in FHIR R4',
  ],
  [
    'a column that is not declared',
    'fhir: language, field: p.nmae',
    'person.yaml:9: "p.nmae": columns.yaml declares no column "nmae" of people',
  ],
  [
    'an alias that is not declared',
    'fhir: language, field: q.name',
    'person.yaml:9: "q.name": no alias "q" is declared under source',
  ],
  [
    'a secret column',
    'fhir: language, field: p.password',
    'person.yaml:9: "p.password" is secret: the gateway never reads it (list it as not-mapped)',
  ],
  [
    'a wrong type',
    'fhir: active, field: p.born, codec: date',
    'person.yaml:9: "active" is a boolean; codec date gives date or dateTime',
  ],
  [
    'a missing code table',
    'fhir: language, field: p.name, codec: code, table: tongue',
    'person.yaml:9: codes.yaml has no table "tongue"',
  ],
  ['an unknown codec', 'fhir: language, field: p.name, codec: rot13', 'person.yaml:9: no codec "rot13" is known'],
  [
    'a reference to nowhere',
    'fhir: managingOrganization, field: p.name, codec: reference, to: clinic/house',
    'person.yaml:9: "clinic/house" is no mapping: the reference leads nowhere',
  ],
  [
    'a one-way rule without a reason',
    'fhir: language, field: p.name, only: read',
    'person.yaml:9: a rule that works one way only says why',
  ],
  [
    'two rules for one element',
    'fhir: birthDate, field: p.born, codec: date',
    'person.yaml:5: two rules give "birthDate": say when each applies',
  ],
])('%s is named with its line', (_what, rule, message) => {
  write('person.yaml', person(`  - { ${rule} }\n`))
  expect(mistakes()).toContain(message)
})

test('a table that cannot be written back is named', () => {
  write('codes.yaml', 'sex:\n  male: male\n  female: female\n  f: female\n')
  expect(mistakes()).toEqual(['codes.yaml:4: sex: "f" and "female" both write "female"; mark one with ~'])
})

test('a column that no mapping names is named', () => {
  write(
    'columns.yaml',
    'people:\n  id: key\n  name: text\n  sex: text\n  born: date\n  password: secret\n  shoe: number\nvisits: { id: key }\n',
  )
  expect(mistakes()).toEqual([
    'columns.yaml:7: people.shoe is neither mapped nor named under not-mapped in any mapping',
  ])
})

test('a collection that no mapping reads is named, unless system.yaml says why', () => {
  write('system.yaml', 'system: clinic\ntitle: Clinic\nid-prefix: clinic-\nkeys: { people: id, visits: id }\n')
  expect(mistakes()).toEqual([
    'columns.yaml:2: visits is read by no mapping: map it, or say why not under internal in system.yaml',
  ])
})

test('an internal collection that is mapped, or not declared, is named', () => {
  write(
    'system.yaml',
    'system: clinic\ntitle: Clinic\nid-prefix: clinic-\nkeys: { people: id }\ninternal:\n  people: private\n  visits: not asked for\n  vists: not asked for\n',
  )
  expect(mistakes()).toEqual([
    'system.yaml:6: people is called internal, yet a mapping reads it',
    'system.yaml:8: "vists" is no collection that columns.yaml declares',
  ])
})

test('a join without a key is named', () => {
  const source = '{ collection: people, alias: p, join: { v: { collection: visits, on: v.reason = v.state } } }'
  write('person.yaml', person('', source))
  expect(mistakes().join()).toMatch(/^person.yaml:3: "v.reason = v.state" must join a column of v/)
})

test('a file that is no YAML is named', () => {
  write('person.yaml', 'mapping: [clinic\n')
  expect(mistakes().join()).toMatch(/^person.yaml:\d+: /)
})

test.each([
  [
    'columns that are not there',
    'kinds: { report-ready: { state: new } }, keys: { id: people }, title: name, at: [seen]',
    ['"state" is no declared column of people', '"seen" is no declared column of people'],
  ],
  [
    'a message that is not sent',
    'kinds: { post: { sex: f } }, keys: { id: people }, title: name, at: [born]',
    ['unknown key "post"'],
  ],
  [
    'a key of nothing',
    'kinds: { report-ready: { sex: f } }, keys: { id: doctors }, title: { en: name, ar: name }, at: [born]',
    ['no record has a key of "doctors"'],
  ],
  [
    'a row without its key',
    'kinds: { report-ready: { sex: f } }, keys: { name: people }, title: name, at: [born]',
    ['nothing says what "id" is, which is part of the key of people'],
  ],
])('in-app: %s', (_what, options, sentences) => {
  const keys = 'keys: { people: id, visits: id }\ninternal: { visits: not asked for }\n'
  const jobs = `jobs:\n  in-app: { mapping: clinic/person, ${options} }\n`
  write('system.yaml', `system: clinic\ntitle: Clinic\nid-prefix: clinic-\n${keys}${jobs}`)
  expect(mistakes()).toEqual(sentences.map((sentence) => `system.yaml:7: ${sentence}`))
})
