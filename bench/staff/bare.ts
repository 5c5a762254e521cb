/**
 * The program to hold the staff lists against: express and the driver, the day of a practitioner in two indexed finds, the
 * appointments and their patients. No contract, no rights, no moment, no pages.
 */
import type { Appointment, Patient } from '@medplum/fhirtypes'
import express from 'express'
import { MongoClient } from 'mongodb'
import { listen } from '../../src/http/server.ts'
import type { ResourceDocument } from '../../src/store/documents.ts'

const [, , uri = '', database = ''] = process.argv
const DAY_MS = 86_400_000
const client = await new MongoClient(uri).connect()
const resources = client.db(database).collection<ResourceDocument>('resources')
const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.get('/api/appointments', async (request, response) => {
  const { date = '', practitioner = '' } = request.query as Readonly<Record<string, string>>
  const day = new Date(date)
  const w = { $gte: day, $lt: new Date(day.getTime() + DAY_MS) }
  const found = await resources
    .find({ tt: 'default/Appointment', s: `practitioner=Practitioner/${practitioner}`, w }, { projection: { body: 1 } })
    .hint('lists')
    .sort({ w: 1, _id: 1 })
    .limit(20)
    .toArray()
  const appointments = found.map(({ body }) => JSON.parse(body) as Appointment)
  const _id = { $in: appointments.map((each) => `default/${patientIn(each)}`) }
  const patients = await resources.find({ _id }, { projection: { body: 1 } }).toArray()
  const names = new Map(patients.map((each) => [each._id, nameIn(JSON.parse(each.body) as Patient)]))
  const items = appointments.map((each) => {
    const { id, status, start, end, description } = each
    return { id, status, start, end, description, patient: names.get(`default/${patientIn(each)}`) }
  })
  response.json({ items })
})
const { port } = await listen(app, '127.0.0.1', 0)
process.send?.(port)

function patientIn({ participant }: Appointment): string {
  return participant?.find(({ actor }) => actor?.reference?.startsWith('Patient/'))?.actor?.reference ?? ''
}

function nameIn({ name }: Patient): string {
  return [...(name?.[0]?.given ?? []), name?.[0]?.family].join(' ')
}
