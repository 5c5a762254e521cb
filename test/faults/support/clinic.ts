/** What people do while the gateway is in trouble: a clinic books, an EHR books over FHIR and flags patients. */
import { again } from './waiting.ts'
import type { World } from './world.ts'

/** Noon of the day after tomorrow: no quiet hours, and far enough away for everything to be sent before. */
function noon(): { readonly day: string; readonly start: string } {
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)
  return { day, start: `${day}T12:00:00Z` }
}

const FLAGS = 'https://ehr.example.org/flags'
const DOCTOR = { id: 'd1', userId: 'ud1' }

/** Of each booked appointment: of whom it is. Half of the patients are written to by email, half by SMS. */
export class Clinic {
  readonly booked: string[] = []
  readonly flags: string[] = []
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async open(): Promise<void> {
    const { hms } = this.#world
    const doctor = {
      id: DOCTOR.userId,
      userId: 'DOC-1',
      firstName: 'D',
      lastName: 'D',
      roles: ['doctor'],
      isDeleted: false,
    }
    await hms.collection('users').insertOne(doctor)
    await hms.collection('doctors').insertOne({ ...DOCTOR })
  }

  /** In the clinic's own program, which knows nothing of the gateway. */
  async book(count: number): Promise<void> {
    const { hms } = this.#world
    const { day } = noon()
    const when = { appointmentDate: `${day} 00:00:00`, appointmentTime: '12:00', duration: 30, reminderSent: null }
    const people = await this.#admit(count)
    await again(async () => {
      for (const person of people) {
        const _id = `a${person}` as never
        const row = { id: `a${person}`, patientId: `p${person}`, doctorId: DOCTOR.id, status: 'scheduled', ...when }
        await hms.collection('appointments').updateOne({ _id }, { $setOnInsert: row }, { upsert: true })
      }
    })
    this.booked.push(...people)
  }

  /** By an EHR that asks again until it is answered, and knows its own request again by the patient. */
  async bookOverFhir(count: number): Promise<void> {
    const { start } = noon()
    for (const person of await this.#admit(count)) {
      const actor = (reference: string): object => ({ actor: { reference }, status: 'accepted' })
      const participant = [actor(`Patient/hms-p${person}`), actor(`Practitioner/hms-${DOCTOR.id}`)]
      const appointment = { resourceType: 'Appointment', status: 'booked', start, minutesDuration: 30, participant }
      await this.#sent('POST', 'Appointment', appointment, { 'If-None-Exist': `patient=Patient/hms-p${person}` })
      this.booked.push(person)
    }
  }

  /** Flags are the gateway's own resources; one that is there already was made before its answer was lost. */
  async flag(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const id = `f${this.flags.length}`
      const what = { code: { text: 'a' }, subject: { display: 'A' }, identifier: [{ system: FLAGS, value: id }] }
      const flag = { resourceType: 'Flag', id, status: 'active', ...what }
      await this.#sent('PUT', `Flag/${id}`, flag, { 'If-None-Match': '*' })
      this.flags.push(id)
    }
  }

  /** Numbers of the events are looked at when all is over. */
  async subscribe(): Promise<string> {
    const url = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content'
    const channel = {
      ...{ type: 'rest-hook', endpoint: this.#world.ehr.url, payload: 'application/fhir+json' },
      _payload: { extension: [{ url, valueCode: 'id-only' }] },
    }
    const criteria = `Flag?identifier=${FLAGS}|`
    const wish = { resourceType: 'Subscription', status: 'requested', reason: 'Flags', criteria, channel }
    const { id } = (await this.#sent('POST', 'Subscription', wish, {}, 10)) as { id: string }
    return id
  }

  /** What is owed falls due now instead of on the day, or so many milliseconds away from now. */
  async hurry(milliseconds = 0): Promise<void> {
    const due = new Date(Date.now() + milliseconds)
    const filter = { state: 'owed' as const, due: { $gt: new Date() } }
    await this.#world.store.owed.updateMany(filter, { $set: { at: due, due } })
  }

  async #admit(count: number): Promise<string[]> {
    const { hms } = this.#world
    const first = this.#people
    this.#people += count
    const people = Array.from({ length: count }, (_, n) => String(first + n))
    await again(async () => {
      for (const person of people) {
        const address = Number(person) % 2 === 0 ? { email: mailOf(person) } : { phoneNumber: phoneOf(person) }
        const user = { id: `u${person}`, userId: `PAT-${person}`, firstName: 'A', lastName: 'B', ...address }
        const upsert = { upsert: true }
        const whole = { ...user, roles: ['patient'], isDeleted: false }
        await hms.collection('users').updateOne({ _id: `u${person}` as never }, { $setOnInsert: whole }, upsert)
        const patient = { id: `p${person}`, userId: `u${person}` }
        await hms.collection('patients').updateOne({ _id: `p${person}` as never }, { $setOnInsert: patient }, upsert)
      }
    })
    return people
  }

  #people = 0

  /** 409 and 422 too: the patient may not be projected yet. */
  async #sent(
    method: string,
    path: string,
    body: object,
    headers: Readonly<Record<string, string>>,
    seconds = 900,
  ): Promise<unknown> {
    return again(async () => {
      const response = await fetch(`${this.#world.url}/fhir/R4/${path}`, {
        ...{ method, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) },
        headers: { 'Content-Type': 'application/fhir+json', Prefer: 'return=representation', ...headers },
      })
      const text = await response.text()
      if (response.ok || (response.status === 412 && method === 'PUT')) return JSON.parse(text) as unknown
      throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`)
    }, seconds)
  }
}

export function mailOf(person: string): string {
  return `p${person}@example.org`
}

export function phoneOf(person: string): string {
  return `+97150${person.padStart(7, '0')}`
}
