/** Picking the patient, then the visit. What is picked must be among what the person may see, whatever the form says. */
import type { Answer } from '../../http/answer.ts'
import { encounterPickerPage } from '../pages/encounter-picker.ts'
import { troublePage } from '../pages/message.ts'
import type { Trouble } from '../pages/message.ts'
import { pageAnswer } from '../pages/page-answer.ts'
import { patientPickerPage } from '../pages/patient-picker.ts'
import type { PatientPickerModel } from '../pages/patient-picker.ts'
import type { Context } from './context.ts'
import type { Dialog, DialogOptions } from './dialog.ts'
import { next } from './next.ts'

/** `text`: what staff searches for. */
export async function showPatients(
  { records }: DialogOptions,
  { frame, target }: Dialog,
  { app, own, permit }: Context,
  text = '',
): Promise<Answer> {
  const model = { ...target('patient'), app: app.client.name }
  let shown: Pick<PatientPickerModel, 'search' | 'patients' | 'more'>
  if (own) {
    const patients = await Promise.all(own.map((id) => records.patient(permit, id)))
    shown = { patients: patients.filter((each) => each !== undefined), more: false }
  } else {
    const isAsked = text.trim() !== ''
    const { found, more } = isAsked ? await records.patients(permit, text) : { found: [], more: false }
    shown = { search: { text, isAsked }, patients: found, more }
  }
  return pageAnswer(200, patientPickerPage(frame, { ...model, ...shown }))
}

export async function answerPatient(
  options: DialogOptions,
  dialog: Dialog,
  context: Context,
  form: URLSearchParams,
): Promise<Answer> {
  if (form.get('do') === 'search') return showPatients(options, dialog, context, form.get('text') ?? '')
  const { own, permit } = context
  const id = form.get('patient') ?? ''
  const mayPick = own === undefined || own.includes(id)
  const patient = mayPick ? await options.records.patient(permit, id) : undefined
  if (!patient) return forbidden(dialog)
  await dialog.keep({ patient: patient.id })
  return next(dialog)
}

export async function showEncounters(
  { records }: DialogOptions,
  dialog: Dialog,
  { app, permit, patient }: Context,
): Promise<Answer> {
  if (!patient) return refused(dialog, 'noEncounters')
  const encounters = await records.encounters(permit, patient.id)
  if (encounters.length === 0) return refused(dialog, 'noEncounters')
  const model = { ...dialog.target('encounter'), app: app.client.name, patient: patient.name ?? patient.id, encounters }
  return pageAnswer(200, encounterPickerPage(dialog.frame, model))
}

export async function answerEncounter(
  { records }: DialogOptions,
  dialog: Dialog,
  { permit, patient }: Context,
  form: URLSearchParams,
): Promise<Answer> {
  const encounter = patient ? await records.encounter(permit, patient.id, form.get('encounter') ?? '') : undefined
  if (!patient || !encounter) return forbidden(dialog)
  await dialog.keep({ patient: patient.id, encounter: encounter.id })
  return next(dialog)
}

function forbidden({ frame }: Dialog): Answer {
  return pageAnswer(403, troublePage(frame, 'forbidden'))
}

/** The app is told, once the person has read why. */
export function refused(dialog: Dialog, trouble: Trouble): Answer {
  return pageAnswer(403, troublePage(dialog.frame, trouble, { cancel: dialog.target('cancel') }))
}
