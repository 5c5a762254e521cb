import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { elementsOf, resourceTypes } from '../../src/r4/elements.ts'
import { parseJson, stringifyJson } from '../../src/r4/json.ts'
import { structureProblems } from '../../src/r4/structure.ts'
import { examples } from '../mapping/examples.ts'
import { type Json, sampleResource } from './sample-resource.ts'

/** As the problem would be shown: `code path`. */
function problemsOf(json: string): string[] {
  return structureProblems(parseJson(json)).map(({ code, expression }) => `${code} ${expression}`)
}

const patient = (members: string): string => `{"resourceType":"Patient",${members}}`
const observation = (members: string): string =>
  `{"resourceType":"Observation","status":"final","code":{"text":"x"},${members}}`
const div = (inner: string): string =>
  patient(
    `"text":{"status":"generated","div":${JSON.stringify(`<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`)}}`,
  )

test('every FHIR twin of every example has the structure of R4', () => {
  const twins = examples().flatMap(({ name, resources }) => resources.map((resource) => ({ name, resource })))
  expect(twins.length).toBeGreaterThan(100)
  for (const { name, resource } of twins) expect([name, structureProblems(resource)]).toEqual([name, []])
})

test.each([
  [
    'exact numbers',
    observation('"valueQuantity":{"value":1.00,"unit":"x"},"component":[]').replace(',"component":[]', ''),
  ],
  ['digits no double can hold', observation('"valueQuantity":{"value":12345678901234567890.123e400}')],
  ['a leap day', patient('"birthDate":"2024-02-29"')],
  ['a year', patient('"birthDate":"1980"')],
  ['a leap second', patient('"deceasedDateTime":"2016-12-31T23:59:60Z"')],
  ['fourteen hours east', patient('"deceasedDateTime":"2016-12-31T23:59:00.123456+14:00"')],
  ['a primitive with an extension and a value', patient('"birthDate":"1980","_birthDate":{"id":"a"}')],
  [
    'a primitive with an extension alone',
    patient('"_birthDate":{"extension":[{"url":"urn:x","valueCode":"unknown"}]}'),
  ],
  [
    'a required primitive with an extension alone',
    observation('"valueString":"x"').replace(
      '"status":"final"',
      '"_status":{"extension":[{"url":"urn:x","valueCode":"unknown"}]}',
    ),
  ],
  [
    'nulls where only one of the two is there',
    patient('"name":[{"given":["a",null],"_given":[null,{"extension":[{"url":"urn:x","valueId":"b"}]}]}]'),
  ],
  ['a sibling list that ends early', patient('"name":[{"given":["a","b"],"_given":[{"id":"b"}]}]')],
  ['one choice in two properties', observation('"valueString":"x","_valueString":{"id":"a"}')],
  ['base64 with line breaks', patient('"photo":[{"data":"QUJD\\r\\nREU="}]')],
  [
    'nested extensions with relative urls',
    patient('"extension":[{"url":"urn:x","extension":[{"url":"a","valueId":"b"}]}]'),
  ],
  [
    'a contained resource that is referred to',
    patient(
      '"contained":[{"resourceType":"Organization","id":"o","name":"x"}],"managingOrganization":{"reference":"#o"}',
    ),
  ],
  [
    'a contained resource that refers to the one around',
    patient('"contained":[{"resourceType":"Basic","id":"o","code":{"text":"x"},"subject":{"reference":"#"}}]'),
  ],
  [
    'a reference to anywhere',
    patient('"managingOrganization":{"reference":"urn:uuid:6f7b1c9a-53c4-4d7e-9a0e-0b5b2b6b7a01"}'),
  ],
  [
    'formatted narrative',
    div('<p style="color:red">a &lt; b<br/><a href="https://example.org/?a=b:c">x</a></p><!-- c -->'),
  ],
  ['keys that objects inherit', patient('"id":"constructor"')],
])('%s is accepted', (_name, json) => {
  expect(problemsOf(json)).toEqual([])
})

test.each([
  ['[]', 'structure Resource'],
  ['null', 'structure Resource'],
  ['{}', 'structure Resource'],
  ['{"resourceType":1}', 'structure Resource'],
  ['{"resourceType":"Klient"}', 'structure Resource'],
  ['{"resourceType":"DomainResource"}', 'structure Resource'],
  [patient('"favourite":"blue"'), 'structure Patient.favourite'],
  [patient('"constructor":{}'), 'structure Patient.constructor'],
  [patient('"deceased":true'), 'structure Patient.deceased'],
  [patient('"name":{"family":"x"}'), 'structure Patient.name'],
  [patient('"name":[]'), 'structure Patient.name'],
  [patient('"name":[{}]'), 'structure Patient.name[0]'],
  [patient('"name":["x"]'), 'structure Patient.name[0]'],
  [patient('"name":[null]'), 'structure Patient.name[0]'],
  [patient('"name":[{"resourceType":"HumanName"}]'), 'structure Patient.name[0].resourceType'],
  [patient('"name":null'), 'structure Patient.name'],
  [patient('"name":[{"family":["x"]}]'), 'structure Patient.name[0].family'],
  [patient('"name":[{"given":["a",""]}]'), 'value Patient.name[0].given[1]'],
  [patient('"name":[{"given":["a",null]}]'), 'structure Patient.name[0].given[1]'],
  [patient('"name":[{"given":["a",null],"_given":[{"id":"a"}]}]'), 'structure Patient.name[0].given[1]'],
  [patient('"name":[{"given":["a"],"_given":[{"id":"a"},null]}]'), 'structure Patient.name[0].given[1]'],
  [patient('"_name":[{"id":"a"}]'), 'structure Patient._name'],
  [patient('"name":[{"id":"a"}]'), 'invariant Patient.name[0]'],
  [patient('"_birthDate":{"id":"a"}'), 'invariant Patient.birthDate'],
  [patient('"name":[{"_given":[{"id":"a"}]}]'), 'invariant Patient.name[0].given[0]'],
  [patient('"_id":{"id":"a"}'), 'structure Patient._id'],
  [patient('"_birthDate":"x"'), 'structure Patient.birthDate'],
  [patient('"_birthDate":{}'), 'structure Patient.birthDate'],
  [patient('"active":"true"'), 'value Patient.active'],
  [patient('"birthDate":19800101'), 'value Patient.birthDate'],
  [patient('"birthDate":"2024-02-30"'), 'value Patient.birthDate'],
  [patient('"birthDate":"2023-02-29"'), 'value Patient.birthDate'],
  [patient('"birthDate":"2023-2-1"'), 'value Patient.birthDate'],
  [patient('"birthDate":"0000"'), 'value Patient.birthDate'],
  [patient('"birthDate":"1980-01-01T00:00:00Z"'), 'value Patient.birthDate'],
  [patient('"deceasedDateTime":"1980-01-01T00:00:00"'), 'value Patient.deceasedDateTime'],
  [patient('"deceasedDateTime":"1980-01-01T00:00Z"'), 'value Patient.deceasedDateTime'],
  [patient('"deceasedDateTime":"1980-01-01T24:00:00Z"'), 'value Patient.deceasedDateTime'],
  [patient('"deceasedDateTime":"1980-01-01T00:00:00+25:00"'), 'value Patient.deceasedDateTime'],
  [patient('"meta":{"lastUpdated":"1980-01-01"}'), 'value Patient.meta.lastUpdated'],
  [patient('"gender":"purple"'), 'code-invalid Patient.gender'],
  [patient('"gender":"male "'), 'value Patient.gender'],
  [patient('"id":"a_b"'), 'value Patient.id'],
  [patient('"implicitRules":"a b"'), 'value Patient.implicitRules'],
  [patient('"multipleBirthInteger":1.0'), 'value Patient.multipleBirthInteger'],
  [patient('"multipleBirthInteger":1e2'), 'value Patient.multipleBirthInteger'],
  [patient('"multipleBirthInteger":2147483648'), 'value Patient.multipleBirthInteger'],
  [patient('"telecom":[{"rank":0}]'), 'value Patient.telecom[0].rank'],
  [patient('"photo":[{"size":-1}]'), 'value Patient.photo[0].size'],
  [patient('"photo":[{"data":"QUJ"}]'), 'value Patient.photo[0].data'],
  [patient('"photo":[{"data":"=QUJ"}]'), 'value Patient.photo[0].data'],
  [observation('"valueTime":"24:00:00"'), 'value Observation.valueTime'],
  [observation('"valueQuantity":{"value":"1.0"}'), 'value Observation.valueQuantity.value'],
  [observation('"valueString":"x","valueInteger":1'), 'structure Observation.valueInteger'],
  [
    observation('"valueString":"x","_valueInteger":{"extension":[{"url":"urn:x","valueId":"b"}]}'),
    'structure Observation.valueInteger',
  ],
  ['{"resourceType":"Observation","code":{"text":"x"}}', 'required Observation.status'],
  [patient('"link":[{"type":"refer"}]'), 'required Patient.link[0].other'],
  [
    '{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"display":"x"}}',
    'required MedicationRequest.medication[x]',
  ],
  [patient('"extension":[{"url":"urn:x"}]'), 'invariant Patient.extension[0]'],
  [patient('"extension":[{"valueString":"x"}]'), 'required Patient.extension[0].url'],
  [patient('"extension":[{"url":"x","valueString":"x"}]'), 'value Patient.extension[0].url'],
  [
    patient('"extension":[{"url":"urn:x","valueString":"x","extension":[{"url":"a","valueId":"b"}]}]'),
    'invariant Patient.extension[0]',
  ],
  [
    patient('"_birthDate":{"extension":[{"url":"urn:x","valueHumanName":{"given":[1]}}]}'),
    'value Patient.birthDate.extension[0].valueHumanName.given[0]',
  ],
  [observation('"subject":{"reference":"Practitioner/1"}'), 'structure Observation.subject.reference'],
  [patient('"managingOrganization":{"reference":"#o"}'), 'invariant Patient.managingOrganization.reference'],
  [
    patient('"contained":[{"resourceType":"Patient","id":"o"}],"managingOrganization":{"reference":"#o"}'),
    'structure Patient.managingOrganization.reference',
  ],
  [patient('"contained":[{"resourceType":"Organization","id":"o"}]'), 'invariant Patient.contained[0]'],
  [
    patient(
      '"contained":[{"resourceType":"Organization","id":"o","contained":[{"resourceType":"Basic"}]}],"managingOrganization":{"reference":"#o"}',
    ),
    'required Patient.contained[0].contained[0].code',
    'invariant Patient.contained[0]',
  ],
  [
    patient(
      '"contained":[{"resourceType":"Organization","id":"o","meta":{"versionId":"1"}}],"managingOrganization":{"reference":"#o"}',
    ),
    'invariant Patient.contained[0]',
  ],
  [patient('"contained":["x"]'), 'structure Patient.contained[0]'],
  [
    '{"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[{"system":"urn:x","code":"active"}]}}',
    'code-invalid Condition.clinicalStatus',
  ],
  [
    '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","gender":"purple"}}]}',
    'code-invalid Bundle.entry[0].resource.gender',
  ],
  [
    '{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","valueDate":"x"}]}]}',
    'value Parameters.parameter[0].part[0].valueDate',
  ],
  [div('<script>x</script>'), 'invariant Patient.text.div'],
  [div('<p onclick="x">x</p>'), 'invariant Patient.text.div'],
  [div('<a href="javascript:x">x</a>'), 'invariant Patient.text.div'],
  [div('<a href="java&#115;cript&#58;x">x</a>'), 'invariant Patient.text.div'],
  [div('<img src="data:text/html,x"/>'), 'invariant Patient.text.div'],
  [div('<p style="background:url(https://x)">x</p>'), 'invariant Patient.text.div'],
  [div('<!--><img src="x"/>-->x'), 'invariant Patient.text.div'],
  [div('<p>x'), 'invariant Patient.text.div'],
  [div('x</div><div>y'), 'invariant Patient.text.div'],
  [div('  <p/>'), 'invariant Patient.text.div'],
  [patient('"text":{"status":"generated","div":"<div>x</div>"}'), 'invariant Patient.text.div'],
  [patient('"text":{"status":"generated","div":"<!DOCTYPE html><div>x</div>"}'), 'invariant Patient.text.div'],
])('%s is refused', (json, ...expected) => {
  expect(problemsOf(json)).toEqual(expected)
})

test('a problem says what would be right and repeats no value', () => {
  const [problem] = structureProblems({ resourceType: 'Patient', gender: 'Anna Muster' })
  expect(problem?.message).toBe('gender must be one of: male, female, other, unknown.')
})

test('a resource nested too deep, or wrong in too many places, is answered in bounds', () => {
  let extension: Json = { url: 'a', valueString: 'x' }
  for (let depth = 0; depth < 1000; depth++) extension = { url: 'urn:x', extension: [extension] }
  expect(structureProblems({ resourceType: 'Patient', extension: [extension] }).map(({ message }) => message)).toEqual([
    'The resource is nested more than 64 levels.',
  ])
  expect(structureProblems({ resourceType: 'Patient', name: Array(1000).fill({}) })).toHaveLength(100)
})

test('a resource of any type with every element it may have is accepted', () => {
  for (const type of resourceTypes) {
    for (let variant = 0; variant < 2; variant++) {
      const problems = structureProblems(sampleResource(type, variant))
      // The samples have texts for concepts, and below their greatest depth only what is primitive
      expect(problems.filter(({ code }) => code === 'structure' || code === 'value')).toEqual([])
    }
  }
})

test('whatever is removed, misspelt or turned into another kind of JSON is found where it is', () => {
  const types = fc.constantFrom(...resourceTypes)
  fc.assert(
    fc.property(types, fc.nat(7), fc.nat(), fc.constantFrom('name', 'list', 'null'), (type, variant, at, harm) => {
      const resource = sampleResource(type, variant)
      const names = Object.keys(resource).filter((name) => name !== 'resourceType')
      const name = names[at % names.length] ?? ''
      const value = resource[name]
      const wrong = harm === 'name' ? `${name}X` : name
      const wrongValue: unknown = harm === 'null' ? null : Array.isArray(value) ? (value as unknown[])[0] : [value]
      // First in the resource, since of many problems the first hundred are told
      const found = structureProblems({ [wrong]: wrongValue, ...resource, [wrong]: wrongValue })
      expect(found.map(({ expression }) => expression)).toContain(`${type}.${wrong}`)
      expect(elementsOf(type)?.has(wrong)).toBe(harm !== 'name')
    }),
  )
})

test('what is accepted is accepted again after it was written and read', () => {
  fc.assert(
    fc.property(fc.constantFrom(...resourceTypes), fc.nat(7), (type, variant) => {
      const resource = sampleResource(type, variant)
      expect(structureProblems(parseJson(stringifyJson(resource)))).toEqual(structureProblems(resource))
    }),
  )
})
