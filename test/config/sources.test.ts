import { expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/config.ts'
import type { SourceConfig } from '../../src/config/config.ts'

const read = (text: string, env = {}): readonly SourceConfig[] =>
  readConfig({ ISTHMUS_SOURCES: text, ISTHMUS_DEMO: 'false', ...env }, ['hms', 'qivr']).sources

test('two clinics with the same system are two instances in two tenants', () => {
  const text = `
    - { system: hms, database: hms_north, tenant: north, timeZone: Asia/Kolkata, jobs: [appointment-reminders] }
    - { system: hms, database: hms_south, tenant: south }`
  expect(read(text, { HMS_TIME_ZONE: 'Europe/Berlin' })).toEqual([
    {
      system: 'hms',
      database: 'hms_north',
      tenant: 'north',
      timeZone: 'Asia/Kolkata',
      jobs: ['appointment-reminders'],
      storages: [],
    },
    { system: 'hms', database: 'hms_south', tenant: 'south', timeZone: 'Europe/Berlin', jobs: [], storages: [] },
  ])
})

test('what the gateway does by itself is all on in the demo, unless it is said', () => {
  const jobs = [
    ...['appointment-reminders', 'appointment-changes', 'waitlist-offers', 'report-ready'],
    ...['documents-requested', 'draft-reminders', 'prom-reminders', 'notifications', 'in-app', 'retention'],
  ]
  const demo = { ISTHMUS_DEMO: 'true' }
  expect(read('[{ system: hms }, { system: qivr, jobs: [] }]', demo).map((source) => source.jobs)).toEqual([jobs, []])
})

test.each([
  ['system: hms', /no YAML list/],
  ['[hms]', /no YAML list/],
  ['[{', /no YAML list/],
  ['[{ system: openmrs }]', /names the system "openmrs"; there are mappings for hms, qivr\.$/],
  ['[{ system: hms, timezone: Asia/Kolkata }]', /has the key "timezone"/],
  ['[{ system: hms, timeZone: Kolkata }]', /^ISTHMUS_SOURCES is "Kolkata", which is no IANA time zone/],
  ['[{ system: hms, tenant: North Clinic }]', /names the tenant "North Clinic"/],
  ['[{ system: hms, database: 7 }]', /database must be text/],
  ['[{ system: hms, jobs: all }]', /jobs must be a list of names/],
  ['[{ system: hms, jobs: [reminders] }]', /jobs must be a list of names of appointment-reminders, /],
  ['[{ system: hms, storages: here }]', /storages must be a list/],
  ['[{ system: hms, storages: [{ origin: "https://a", folder: /b }] }]', /one of origin, folder and bucket/],
  ['[{ system: hms, storages: [{ origin: "https://a?x=1" }] }]', /without \? and #/],
  ['[{ system: hms, storages: [{ origin: "ftp://a" }] }]', /https/],
  ['[{ system: hms, storages: [{ folder: /a, keys: /b }] }]', /has the key "keys"; there are folder, prefix/],
  ['[{ system: hms, storages: [{ bucket: No_Bucket }] }]', /no name of a bucket/],
  ['[{ system: hms, storages: [{ bucket: scans, keys: /nowhere }] }]', /names \/nowhere, which is no JSON file/],
  ['[{ system: hms, storages: [{ origin: "https://a", authorization: /nowhere }] }]', /no file with one line/],
  ['[{ system: hms }, { system: qivr, database: hms }]', /names the database "hms" twice/],
  ['[{ system: hms }, { system: hms, database: two }]', /the system "hms" in the tenant "default" twice/],
])('%s stops the start in one sentence', (text, sentence) => {
  expect(() => read(text)).toThrow(sentence)
})

test('a bucket needs no region of its own', () => {
  const [source] = read('[{ system: hms, storages: [{ bucket: scans, endpoint: "https://s3.clinic.example" }] }]')
  expect(source?.storages).toEqual([
    { kind: 'bucket', name: 'scans', region: 'us-east-1', endpoint: 'https://s3.clinic.example' },
  ])
})
