/** What docs/conformance.md says is done, each with the test that shows it: a file of test/ and words of the test's name. */

/** `file`: under test/, without `.test.ts`. */
export type Shown = readonly [file: string, name: string]

export const interactions: Readonly<Record<string, Shown>> = {
  'capabilities: `GET /metadata`, `mode` full, normative, terminology': [
    'fhir/interactions/capabilities',
    'mode chooses the whole',
  ],
  'read: `GET [type]/[id]`': ['fhir/interactions/read', 'a read gives the stored bytes'],
  'vread: `GET [type]/[id]/_history/[vid]`': ['fhir/interactions/read', 'a version is read by its number'],
  'HEAD wherever there is GET': ['http/app', 'HEAD is GET without the body, everywhere'],
  'conditional read: `If-None-Match`, `If-Modified-Since`': [
    'fhir/interactions/read',
    'what the client has already is not sent again',
  ],
  'Binary in its own format: bytes in, bytes out, a file of any size ([files.md](files.md))': [
    'fhir/interactions/binary',
    'bytes go in as they are and come out the same',
  ],
  'Binary: files that rows of sources name, from listed storages only ([files.md](files.md))': [
    'fhir/interactions/source-files',
    'what a resource calls Binary/… is the file of the row',
  ],
  'Binary: parts of a file (`Range`, `If-Range`)': ['fhir/interactions/binary', 'a part of a file: Range'],
  'create: `POST [type]`': ['fhir/interactions/create', 'a create is answered 201'],
  'create of a mapped type, into the rows of its source': [
    'projection/mapped-create',
    'a create makes the row and its parts',
  ],
  'conditional create: `If-None-Exist`': ['fhir/interactions/create', 'If-None-Exist makes one when there is none'],
  'update: `PUT [type]/[id]`': ['fhir/interactions/update', 'an update makes the next version'],
  'update as create, of types stored natively': ['fhir/interactions/update', 'creates it under that id'],
  'update of a mapped resource, into its rows': ['projection/mapped-update', 'one element changes one column'],
  'conditional update: `PUT [type]?…`': [
    'fhir/interactions/conditional',
    'a conditional update that one fits updates it',
  ],
  'patch: `PATCH [type]/[id]`, FHIRPath Patch': [
    'fhir/interactions/patch',
    'a FHIRPath Patch changes what its paths name',
  ],
  'patch: `PATCH [type]/[id]`, JSON Patch': ['fhir/interactions/patch', 'a patch changes what it names'],
  'FHIRPath Patch of a mapped resource, into its rows': [
    'projection/mapped-fhirpath-patch',
    'what a path names is written into its column',
  ],
  'conditional patch: `PATCH [type]?…`': [
    'fhir/interactions/conditional',
    'a conditional patch changes the one that fits',
  ],
  'delete: `DELETE [type]/[id]`': ['fhir/interactions/delete', 'what is deleted is gone from reads and searches'],
  'conditional delete: `DELETE [type]?…`': [
    'fhir/interactions/conditional',
    'a conditional delete takes the one that fits',
  ],
  'conditional delete of several, all or none, within a limit': [
    'fhir/interactions/transaction-links',
    'a conditional delete takes as many as the limits say',
  ],
  'transaction with references in a circle': [
    'fhir/interactions/transaction-links',
    'entries may refer to one another in a circle',
  ],
  'history of a resource': ['fhir/interactions/history', 'the history of a resource is newest first'],
  'history of a type and of everything, with `_since`, `_at`, `_count`': [
    'fhir/interactions/history',
    'a type has the versions of its resources',
  ],
  batch: ['fhir/interactions/batch', 'each entry of a batch is done by itself'],
  'transaction, atomic, with references between entries': [
    'fhir/interactions/transaction',
    'entries refer to one another',
  ],
  'transaction with conditional references': [
    'fhir/interactions/transaction',
    'conditional references mean the one resource',
  ],
  'search of a type: `GET [type]`, `POST [type]/_search`': ['fhir/interactions/search', 'a search may be a form'],
  'search of several types and of everything: `GET ?…`': [
    'fhir/search/scopes',
    'the self link asks the same again, and every page is of all types',
  ],
  'search of a compartment: `Patient/1/Observation`, `Patient/1/*`': [
    'fhir/search/scopes',
    'one tenant sees nothing of another',
  ],
  'every type of R4 is stored, and comes back byte for byte': ['fhir/round-trip', 'come back byte for byte'],
  'operation `$graphql` of the server and of any resource ([graphql.md](graphql.md))': [
    'fhir/operations/graphql',
    'a patient with observations and practitioner comes in one call',
  ],
  'operation `$everything` of a patient, of all patients and of an encounter': [
    'fhir/operations/everything',
    'the record of a patient comes whole',
  ],
  'operation `$lastn` of Observation': ['fhir/operations/lastn', 'the last ones of each code'],
  'operations `$meta` of server, type and resource, `$meta-add`, `$meta-delete`': [
    'fhir/operations/meta',
    'tags, profiles and labels are added and taken away',
  ],
  'operation `$diff` of versions, as a FHIRPath Patch': [
    'fhir/operations/diff',
    'the patch that it is makes an old version current again',
  ],
  'operation `$document` of Composition and, ours, of DiagnosticReport': [
    'fhir/operations/document',
    'a composition comes with all it refers to',
  ],
  'operation `$summary` of Patient: International Patient Summary 1.1.0, in English and Arabic': [
    'fhir/operations/summary',
    'each section has what belongs there',
  ],
  'operation `$match` of Patient': ['fhir/operations/match', 'one human is found in several systems'],
  'operation `$validate` of any type and resource, with profiles of packages ([validation.md](validation.md))': [
    'fhir/operations/validate',
    'All that is wrong is said at once',
  ],
  'validation on write by the policy of the tenant': [
    'fhir/operations/validate',
    'Where the policy refuses it, no way of writing takes it',
  ],
  '`ValueSet/$expand`: `url`, `valueSet`, by id; `filter`, `offset`, `count`, designations, nesting, active codes': [
    'fhir/operations/expand',
    'pages together are everything',
  ],
  '`displayLanguage` and Accept-Language in `$expand`, `$validate-code` and `$lookup`': [
    'fhir/operations/expand',
    'displayLanguage is ignored: not here',
  ],
  '`ValueSet/$validate-code`, `CodeSystem/$validate-code`': [
    'fhir/operations/validate-code',
    'everything that $expand lists validates',
  ],
  '`CodeSystem/$lookup`': ['fhir/operations/lookup', 'a code is looked up with names, designations, properties'],
  '`CodeSystem/$subsumes`': ['fhir/operations/lookup', '$subsumes takes codings'],
  '`ConceptMap/$translate`, both ways, with the code tables of the mappings': [
    'fhir/operations/translate',
    'a word of the source is a code of FHIR by the map of its code table',
  ],
  'operations `$access-report` of Patient and `$recorded` of AuditEvent, ours ([audit.md](audit.md))': [
    'fhir/operations/access-report',
    'a patient reads who saw what of theirs',
  ],
  'operation `$break-glass` of Patient ([access.md](access.md))': [
    'fhir/access/break-glass',
    'it opens the record of that patient for that user with that app, until its time is over',
  ],
  'operation `$explain-access` of any resource ([access.md](access.md))': [
    'fhir/access/explain',
    'scopes, permissions, compartments and labels are told apart, for each letter',
  ],
  'Consents, as far as [access.md](access.md) says': ['fhir/access/consent', 'it is on no path'],
  'labels of v3-Confidentiality ([access.md](access.md))': [
    'fhir/access/labels',
    'who has no clearance reads it nowhere, in the words for what never was',
  ],
  'operation `$lineage` of any resource': ['fhir/operations/lineage', 'an element names its row'],
  'operation `$export` of system, Patient and Group by Bulk Data 2.0 ([bulk-data.md](bulk-data.md))': [
    'fhir/bulk/export',
    'step by step as the SMART bulk-data-client: kick-off, progress, manifest, files',
  ],
  '`$export` with `_since`, and what was deleted': [
    'fhir/bulk/export-moment',
    '_since gives what was changed after it, and tells what was deleted',
  ],
  '`$export` with `_typeFilter`': [
    'fhir/bulk/export',
    'searches of _typeFilter choose among a type, several of one type are alternatives',
  ],
  'operation `$import` of NDJSON, with a report': [
    'fhir/bulk/import',
    'what is refused is reported with line, reason and element, and stops nothing',
  ],
}

export const special: Readonly<Record<string, Shown>> = {
  '`_id`': ['fhir/search/scopes', '%s finds %s'],
  '`_lastUpdated`, all prefixes': ['fhir/search/last-updated', 'every prefix, alternatives and several criteria'],
  '`_tag`, `_profile`, `_security`, `_source`': ['fhir/interactions/search', '%s finds %j'],
  '`_has`, nested and with chains': ['fhir/search/links', '%s finds %s'],
  'chains of any depth': ['fhir/search/links', '%s finds %s'],
  '`_filter`, with chains and filters of what they lead to': ['fhir/search/filter', '%s: %s finds "%s"'],
  '`_text`, `_content` (with `ISTHMUS_SEARCH_WORDS`), `_list`, and `near` of Location': [
    'fhir/search/words-and-places',
    '%s finds %s',
  ],
  '`_type`': ['fhir/search/scopes', '%s is answered %i'],
  '`_include`, `_revinclude`, `:iterate`, `*`': ['fhir/search/includes', '%s matches %s and includes %s'],
  '`_sort` by several keys': ['fhir/search/sort', 'all pages together hold each match once'],
  '`_count`, pages of one moment': ['fhir/paging', 'gives exactly what was there at first'],
  '`_page` of a moment that is forgotten: 410': [
    'fhir/paging',
    'pages of a moment that MongoDB has forgotten are gone',
  ],
  '`_total` none, estimate, accurate': ['fhir/interactions/search', 'the total is exact, or not asked for'],
  '`_summary` true, text, data, count, false': ['fhir/search/subset', '_summary=false is the whole'],
  '`_elements`': ['fhir/search/subset', '%s keeps %s'],
  '`_format`': ['http/media', '_format %s with Accept %s is JSON'],
  '`_pretty`': ['fhir/interactions/read', '_pretty indents and changes nothing else'],
  'a parameter of `profiles/`, built while it is refused': [
    'projection/reindex',
    'a new parameter is refused until every resource has its keys',
  ],
}

export const headers: Readonly<Record<string, Shown>> = {
  '`Accept`, `Content-Type`: JSON only (406, 415)': ['fhir/interactions/read', 'only JSON is spoken'],
  '`ETag`, `Last-Modified`, `Location`': ['fhir/interactions/create', 'a create is answered 201'],
  '`If-Match`': ['fhir/interactions/update', 'If-Match lets a write through only where'],
  '`If-None-Match`, `If-Modified-Since`': ['fhir/interactions/read', 'what the client has already is not sent again'],
  '`If-None-Exist`': ['fhir/interactions/create', 'If-None-Exist makes one when there is none'],
  '`Prefer: return=minimal`, `representation`, `OperationOutcome`': [
    'fhir/interactions/create',
    'Prefer says how much comes back',
  ],
  '`Prefer: handling=strict`, `lenient`': [
    'fhir/interactions/search',
    'lenient handling ignores the unknown and says so',
  ],
  '`Retry-After` with 503': ['projection/reindex', 'a new parameter is refused until every resource has its keys'],
}

/** The search of each type of parameter without a modifier, by prefix where there are any. */
export const kinds: Readonly<Record<string, Shown>> = {
  token: ['fhir/interactions/search', '%s finds %j'],
  string: ['fhir/interactions/search', '%s finds %j'],
  reference: ['fhir/interactions/search', 'an absolute reference to this server'],
  uri: ['fhir/interactions/search', '%s finds %j'],
  date: ['fhir/search/date-prefix', 'every prefix finds what the table of the specification says'],
  number: ['fhir/interactions/search', 'probability=%s'],
  quantity: ['fhir/interactions/search', 'value-quantity=%s respects precision and unit'],
  composite: ['fhir/search/composites', '%s finds %s'],
  special: ['fhir/search/words-and-places', '%s finds %s'],
}

export const modifiers: readonly Shown[] = [
  ['fhir/search/modifiers', '%s finds %s'],
  ['fhir/search/code-sets', '%s finds %s'],
  ['fhir/search/part-of', 'in any tangle, circles too, it finds what going from one to the next finds'],
]

/** Known gaps, said plainly. */
export const gaps: readonly string[] = [
  '`_query` and `phonetic` are not there, nor lists like `$current-problems`: they are refused, never ignored.',
  '`:in` and `:not-in` take value sets that are stored or R4’s own, of up to 500 codes; `:above` and `:below` of tokens the hierarchies of such code systems. Code systems that are not here (LOINC, SNOMED CT) have neither. `:above` and `:below` of references go along `partOf` to the same type, up to 20 steps and 500 resources; what leads to more is refused.',
  'In a transaction, creates that get their ids from a source or a condition may not refer to one another in a circle of their own (422).',
  'XML and RDF are not spoken (406, 415).',
  'A reference is followed by `_include`, chains and `_has` within this server only, and without its version.',
  'Of a name or address that is one text (`name.text`, an address line) the first eight words are found by what they begin with.',
  '`$graphql` has no `@flatten`, `@first`, `@singleton`, `@slice` and no mutations ([graphql.md](graphql.md)).',
  'Not every operation of R4 is there yet: /metadata names those there are.',
  'SNOMED CT, LOINC, RxNorm, UCUM, ICD, ISO and IANA codes are not part of the gateway: what is not stored, or in a package, is said to be not loaded, and never to be wrong. `$closure`, `$find-matches`, supplements of code systems, and `context`, `date` and version overrides of `$expand` are not there.',
  'Under a Permit of some patients, the history of a type or of everything is refused (422) where one page would pass more than 20,000 versions.',
]

/** Where the specification leaves it open, or says otherwise. */
export const departures: readonly string[] = [
  'Strict by default: an unknown parameter, modifier or value is refused (400) with the list of what there is. R4 lets a server ignore it; `Prefer: handling=lenient` does, and says so in the answer.',
  'A search by a parameter that is still being built is 503 with `transient`, not an answer that lacks matches ([search-parameters.md](search-parameters.md)).',
  'The compartment of a patient has tasks too (`patient`, `focus`), as in R5; R4 leaves them out.',
  'Equal content makes no version: an update that changes nothing answers 200 with the version there is.',
  'A conditional delete takes one resource unless the gateway is configured for more.',
  'A PUT to an id that no row has, of a type a source owns, is 405: ids of such types follow from rows.',
  'A `_count` above the page size is cut to it; the self link says so.',
  'Without `_total`, more than 10,000 matches have no total; `_total=accurate` counts them all.',
  'Strings are compared without case, accents and punctuation, and Arabic letters in their plain forms ([search.md](search.md)).',
  'What has no value comes first in an ascending order, last in a descending one.',
  'Bulk Data has a Binary of a patient exported as a DocumentReference; here it is a Binary, in exports of the system, and the attachments of DocumentReferences name it.',
  'Limits (docs/configuration.md) are answered with an OperationOutcome: 413, 414, 429, 431, 504.',
]
