/** Every page with something on it, to be looked at by tests. */
import { allOf } from '../../../src/smart/consent/consent.ts'
import { appsPage } from '../../../src/smart/pages/apps.ts'
import { clinicTroublePage } from '../../../src/smart/pages/clinic.ts'
import { codePage } from '../../../src/smart/pages/code.ts'
import { consentPage } from '../../../src/smart/pages/consent.ts'
import { encounterPickerPage } from '../../../src/smart/pages/encounter-picker.ts'
import { enrolPage, recoveryPage, secondStepPage } from '../../../src/smart/pages/enrol.ts'
import {
  acceptedPage,
  invitationPage,
  invitationTroublePage,
  linkingPage,
} from '../../../src/smart/pages/invitation.ts'
import type { Frame } from '../../../src/smart/pages/layout.ts'
import { loginPage } from '../../../src/smart/pages/login.ts'
import { goingOnPage, signedOutPage, troublePage } from '../../../src/smart/pages/message.ts'
import { patientPickerPage } from '../../../src/smart/pages/patient-picker.ts'

const target = { action: '/there', csrf: 'token' }
const LABORATORY = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
const asked = [
  ...['launch/patient', 'openid', 'fhirUser', 'offline_access', 'patient/Patient.rs', 'patient/Observation.rs'],
  ...['patient/Condition.rs', 'patient/MedicationRequest.cruds', 'patient/DetectedIssue.r', 'user/Practitioner.r'],
  `patient/DiagnosticReport.rs?category=http://terminology.hl7.org/CodeSystem/v2-0074|LAB`,
].join(' ')
const everything = 'launch/patient patient/*.rs user/*.cruds online_access'
const patient = { id: '1', name: 'Amal Haddad', birthDate: '1980-05-03', number: 'PAT-000012' }
const others = [
  { id: '2', name: 'Hadi Hariri', birthDate: '2015' },
  { id: '3', name: 'ليلى حداد', birthDate: '1999-12' },
  { id: '4' },
]
const verified = { name: 'Growth Chart', publisher: 'Children’s Hospital', verified: true }
const unknown = { name: 'AVeryLongNameOfAnAppWithoutAnySpacesInItWhichHasToBreakSomewhere', verified: false }
const lasting = { offlineDays: 90, unusedDays: 30, minutes: 60 }
const picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7h-7z"/></svg>'

export const everyPage: Readonly<Record<string, (frame: Frame) => string>> = {
  login: (frame) =>
    loginPage(frame, { ...target, app: 'Growth Chart', providers: [{ name: 'Clinic One', href: '/there' }] }),
  'login-wrong': (frame) =>
    loginPage(frame, { ...target, app: 'Growth Chart', email: 'amal@example.org', problem: 'wrong', providers: [] }),
  code: (frame) => codePage(frame, { ...target, problem: 'wrong' }),
  enrol: (frame) => enrolPage(frame, { ...target, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', picture }),
  'enrol-chosen': (frame) =>
    enrolPage(frame, { ...target, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', picture, isChosen: true }),
  'second-step': (frame) => secondStepPage(frame, '/there'),
  recovery: (frame) =>
    recoveryPage(frame, { codes: ['0123-4567-8901-2345-6789', '9876-5432-1098-7654-3210'], href: '/there' }),
  consent: (frame) =>
    consentPage(frame, {
      ...{ ...target, ...lasting, app: verified, asked, patient },
      choices: { ...allOf(asked), kinds: new Map([['patient/Observation', new Set([LABORATORY])]]) },
    }),
  'consent-everything': (frame) =>
    consentPage(frame, {
      ...{ ...target, ...lasting, app: unknown, asked: everything, choices: allOf(everything), nothingChosen: true },
      encounter: { id: '1', what: 'Follow-up', start: '2026-05-03' },
    }),
  'picker-search': (frame) =>
    patientPickerPage(frame, {
      ...{ ...target, app: 'Growth Chart', more: true, patients: [patient, ...others] },
      search: { text: 'ha', isAsked: true },
    }),
  'picker-nobody': (frame) =>
    patientPickerPage(frame, {
      ...{ ...target, app: 'Growth Chart', more: false, patients: [] },
      search: { text: 'zz', isAsked: true },
    }),
  'picker-own': (frame) =>
    patientPickerPage(frame, { ...target, app: 'Growth Chart', more: false, patients: [patient] }),
  encounters: (frame) =>
    encounterPickerPage(frame, {
      ...{ ...target, app: 'Growth Chart', patient: 'Amal Haddad' },
      encounters: [
        { id: '1', what: 'Follow-up', start: '2026-05-03T10:30:00+05:30', end: '2026-05-03T11:00:00+05:30' },
        { id: '2', start: '2026-04-03' },
      ],
    }),
  apps: (frame) =>
    appsPage(frame, {
      ...{ ...target, signOut: target, secondStep: '/there', revoked: 'Old App' },
      accesses: [
        {
          ...{ id: 'g1', app: 'Growth Chart', publisher: 'Children’s Hospital', scope: asked, patient: 'Amal Haddad' },
          ...{ since: new Date('2026-10-01'), lastUsed: new Date('2026-11-20'), ends: new Date('2027-02-20') },
        },
        { id: 'g2', app: unknown.name, scope: everything, since: new Date('2026-10-01') },
      ],
    }),
  trouble: (frame) =>
    troublePage(frame, 'requestRefused', { detail: 'invalid_request: no such redirect_uri', cancel: target }),
  'going-on': (frame) => goingOnPage(frame, '#on'),
  'signed-out': (frame) => signedOutPage(frame),
  invitation: (frame) =>
    invitationPage(frame, { ...target, email: 'amal@example.org', provider: 'Hill Clinic', isRefused: true }),
  'invitation-accepted': (frame) => acceptedPage(frame, { email: 'amal@example.org' }),
  'invitation-over': (frame) => invitationTroublePage(frame, 'over'),
  linking: (frame) => linkingPage(frame, 'Hill Clinic', '#on'),
  unlinked: (frame) => clinicTroublePage(frame, 'unlinked', '/there'),
  'clinic-away': (frame) => clinicTroublePage(frame, 'away'),
}
