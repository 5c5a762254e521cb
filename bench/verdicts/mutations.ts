/**
 * Ways to change a resource, most of which make it a bad one: an element taken away, a wrong type, an unknown code, one too
 * many, a slice or a fixed value changed, a reference to another type, a day that is none, an invariant broken.
 */
import { type Json, type Place, placesIn, put, remove } from './places.ts'
import type { Random } from './random.ts'

/** Changes the resource; says what it did, or undefined where there is nothing of its kind. */
type Mutation = (resource: Json, random: Random) => string | undefined

/** One of the places that fit is changed. */
function at(fits: (place: Place) => boolean, change: (place: Place, random: Random) => void): Mutation {
  return (resource, random) => {
    const places = placesIn(resource).filter((place) => !/\.(id|meta|text)\b/.test(place.path) && fits(place))
    if (places.length === 0) return undefined
    const place = random.of(places)
    change(place, random)
    return place.path
  }
}

const is =
  (...types: string[]) =>
  ({ member }: Place): boolean =>
    !member.sibling && types.includes(member.type)

const isObjectPlace = ({ value }: Place): boolean => typeof value === 'object' && value !== null

const wrong: Readonly<Record<string, unknown>> = {
  boolean: 'yes',
  integer: '1',
  positiveInt: 0,
  unsignedInt: -1,
  decimal: '1.5',
  date: 20240101,
  dateTime: 1_714_550_400,
  instant: '2024-05-01',
  base64Binary: '***',
}

const badDays = [
  '2024-02-30',
  '2024-13-01',
  '24-01-01',
  '2024-5-1',
  '01.05.2024',
  '2024-05-01T08:00:00',
  '2024-05-01T25:00:00Z',
]
const types = ['Patient', 'Practitioner', 'Organization', 'Device', 'Medication', 'Location', 'Encounter', 'Substance']

const everywhere: Readonly<Record<string, Mutation>> = {
  unchanged: ({ resourceType }) => String(resourceType),
  removed: at(() => true, remove),
  'removed at the top': at(
    ({ path }) => path.split('.').length === 2,
    ({ owner, name }) => Reflect.deleteProperty(owner, name),
  ),
  'wrong type': at(
    ({ member }) => !member.sibling,
    (place) => {
      const { type } = place.member
      put(place, isObjectPlace(place) ? 'text' : (wrong[type] ?? 7))
    },
  ),
  'unknown code': at(is('code'), (place) => put(place, 'no-such-code')),
  'other code': at(is('code'), (place, random) =>
    put(place, random.of(['active', 'final', 'male', 'home', '8867-4', 'completed'])),
  ),
  'other system': at(
    ({ name, member }) => name === 'system' && member.type === 'uri',
    (place, random) =>
      put(place, random.of(['http://loinc.org', 'http://example.org/codes', 'http://snomed.info/sct'])),
  ),
  'codings gone': at(
    ({ member, value }) => member.type === 'CodeableConcept' && 'coding' in (value as Json),
    (place) => put(place, { text: 'said in words' }),
  ),
  'no list': at(
    ({ index }) => index !== undefined,
    ({ owner, name }) => (owner[name] = (owner[name] as unknown[])[0]),
  ),
  'a list': at(
    ({ index }) => index === undefined,
    ({ owner, name, value }) => (owner[name] = [value]),
  ),
  'one more': at(
    ({ index }) => index !== undefined,
    ({ owner, name, value }) => (owner[name] = [...(owner[name] as unknown[]), structuredClone(value)]),
  ),
  'slice told apart by nothing': at(
    ({ name, value, path }) =>
      /^(system|code|url|use|type)$/.test(name) && typeof value === 'string' && /\[\d+\]/.test(path),
    (place) => put(place, 'http://example.org/other'),
  ),
  'other text': at(is('string', 'uri', 'canonical', 'url'), (place) => put(place, 'http://example.org/other')),
  'reference to another type': at(
    ({ name, ownerType, value }) => name === 'reference' && ownerType === 'Reference' && !String(value).startsWith('#'),
    (place, random) => put(place, `${random.of(types)}/other`),
  ),
  'reference to nothing inside': at(is('Reference'), (place) => put(place, { reference: '#nothing' })),
  'reference in words': at(is('Reference'), (place) => put(place, { display: 'somebody' })),
  'bad day': at(is('date', 'dateTime', 'instant'), (place, random) => put(place, random.of(badDays))),
  'coarser day': at(is('date', 'dateTime'), (place) => put(place, '2024-05')),
  'unknown element': at(isObjectPlace, ({ value }) => ((value as Json)['favouriteColour'] = 'blue')),
  'empty text': at(is('string', 'code', 'uri', 'markdown'), (place) => put(place, '')),
  'empty object': at(isObjectPlace, (place) => put(place, {})),
  'empty list': at(
    ({ index }) => index !== undefined,
    ({ owner, name }) => (owner[name] = []),
  ),
  null: at(
    () => true,
    (place) => put(place, null),
  ),
  'spaces around a code': at(is('code'), (place) => put(place, ` ${String(place.value)} `)),
  'extension nobody knows': at(
    (place) => isObjectPlace(place) && place.member.type !== 'Resource',
    ({ value }) => ((value as Json)['extension'] = [{ url: 'http://example.org/colour', valueString: 'blue' }]),
  ),
  'extension with both': at(
    (place) => isObjectPlace(place) && place.member.type !== 'Resource',
    ({ value }) =>
      ((value as Json)['extension'] = [
        { url: 'http://example.org/colour', valueString: 'blue', extension: [{ url: 'shade', valueString: 'dark' }] },
      ]),
  ),
  'beside a primitive': at(
    ({ member, index }) =>
      member.check !== undefined &&
      !member.sibling &&
      index === undefined &&
      member.name !== 'id' &&
      member.name !== 'div',
    ({ owner, name }) => {
      Reflect.deleteProperty(owner, name)
      owner[`_${name}`] = {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
      }
    },
  ),
  'end before start': at(is('Period'), (place) => put(place, { start: '2024-05-02', end: '2024-05-01' })),
  'high below low': at(is('Range'), (place) => put(place, { low: { value: 5 }, high: { value: 1 } })),
  'unit without system': at(is('Quantity'), (place) => put(place, { value: 1, code: 'kg' })),
  'quantity of another unit': at(is('Quantity'), (place) =>
    put(place, { value: 1, unit: 'pound', system: 'http://unitsofmeasure.org', code: '[lb_av]' }),
  ),
  'no unit at all': at(is('Quantity'), (place) =>
    put(place, { value: 1, system: 'http://unitsofmeasure.org', code: 'bananas' }),
  ),
  'attachment without type': at(is('Attachment'), (place) => put(place, { data: 'QUJD' })),
  'name in words': at(is('HumanName'), (place) => put(place, { text: 'Somebody' })),
  'contained and not named': (resource) => {
    resource['contained'] = [{ resourceType: 'Organization', id: 'nobody', name: 'Nobody' }]
    return 'contained'
  },
  'contained twice over': (resource) => {
    resource['contained'] = [
      { resourceType: 'Organization', id: 'o', contained: [{ resourceType: 'Patient', id: 'p' }], name: 'O' },
    ]
    return 'contained'
  },
  'narrative with a script': (resource) => {
    resource['text'] = {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>',
    }
    return 'text'
  },
  'narrative without words': (resource) => {
    resource['text'] = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"> </div>' }
    return 'text'
  },
  'id with a slash': (resource) => (resource['id'] = 'a/b'),
  'rules nobody knows': (resource) => (resource['implicitRules'] = 'http://example.org/rules'),
}

/** Of one type: an invariant, a fixed value, a cardinality. */
const ofTypes: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  Patient: {
    'pat-1': { contact: [{ gender: 'male' }] },
    'two choices': { deceasedBoolean: false, deceasedDateTime: '2024-01-01' },
    'gender nobody has': { gender: 'purple' },
    'no name': { name: undefined },
    'cpt-2': { telecom: [{ value: '555' }] },
    'link without type': { link: [{ other: { reference: 'Patient/x' } }] },
    'photo without a type': { photo: [{ data: 'QUJD' }] },
  },
  Observation: {
    'obs-6': { dataAbsentReason: { text: 'not asked' } },
    'two choices': { valueString: 'a', valueInteger: 1 },
    'obs-3': { referenceRange: [{ age: { low: { value: 1 } } }] },
    'no status': { status: undefined },
    'no category': { category: undefined },
    'value of another kind': { valueQuantity: undefined, valueCodeableConcept: undefined, valueString: 'high' },
    'no value': { valueQuantity: undefined, valueCodeableConcept: undefined, component: undefined },
    'category of another kind': {
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'exam' }] }],
    },
    'a year': { effectiveDateTime: '2024' },
  },
  Condition: {
    'con-5': {
      verificationStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }],
      },
    },
    'con-4': {
      abatementDateTime: '2024-01-01',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    },
    'status that is none': { clinicalStatus: { coding: [{ system: 'http://example.org/x', code: 'active' }] } },
  },
  AllergyIntolerance: {
    'status that is none': { clinicalStatus: { text: 'active' } },
    'category that is none': { category: ['weather'] },
    'no code': { code: undefined },
  },
  MedicationRequest: {
    'two choices': { reportedBoolean: true, reportedReference: { reference: 'Patient/x' } },
    'intent that is none': { intent: 'wish' },
    'tim-1': { dosageInstruction: [{ timing: { repeat: { duration: 1 } } }] },
    'tim-2': { dosageInstruction: [{ timing: { repeat: { period: 1 } } }] },
    'tim-4': { dosageInstruction: [{ timing: { repeat: { duration: -1, durationUnit: 'h' } } }] },
  },
  Appointment: {
    'app-3': { status: 'booked', start: undefined, end: undefined },
    'app-4': { status: 'booked', cancelationReason: { text: 'x' } },
    'nobody comes': { participant: undefined },
    'participant without anything': { participant: [{ status: 'accepted' }] },
  },
  Encounter: {
    'no class': { class: undefined },
    'no type': { type: undefined },
    'history without a period': { statusHistory: [{ status: 'planned' }] },
  },
  Organization: {
    'org-1': { name: undefined, identifier: undefined },
    'org-2': { telecom: [{ system: 'phone', value: '1', use: 'home' }] },
  },
  Practitioner: {
    'no name': { name: undefined },
    'no qualification code': { qualification: [{ issuer: { display: 'x' } }] },
  },
  Coverage: { 'no payor': { payor: undefined }, 'class without value': { class: [{ type: { text: 'group' } }] } },
  Composition: {
    'no title': { title: undefined },
    'cmp-1': { section: [{ title: 'empty' }] },
    'no sections': { section: undefined },
  },
  Bundle: { 'bdl-1': { total: 3 }, 'no type': { type: undefined }, 'a collection': { type: 'collection' } },
  Questionnaire: {
    'que-2': {
      item: [
        { linkId: 'a', type: 'string' },
        { linkId: 'a', type: 'string' },
      ],
    },
  },
  QuestionnaireResponse: { 'no status': { status: undefined } },
  ServiceRequest: {
    'prr-1': { orderDetail: [{ text: 'x' }], code: undefined },
    'intent that is none': { intent: 'wish' },
  },
  Immunization: { 'no day': { occurrenceDateTime: undefined }, 'imm-1': { education: [{ publicationDate: '2024' }] } },
  DocumentReference: { 'no content': { content: undefined }, 'status that is none': { status: 'final' } },
}

export function mutated(resource: Json, random: Random): { readonly how: string; readonly resource: Json } {
  const own = Object.entries(ofTypes[String(resource['resourceType'])] ?? {})
  for (;;) {
    const copy = structuredClone(resource)
    if (own.length > 0 && random.below(3) === 0) {
      const [name, change] = random.of(own)
      return { how: name, resource: JSON.parse(JSON.stringify({ ...copy, ...change })) as Json }
    }
    const [name, mutation] = random.of(Object.entries(everywhere))
    const where = mutation(copy, random)
    if (where !== undefined) return { how: `${name}: ${where}`, resource: copy }
  }
}
