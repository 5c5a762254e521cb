/** The program to beat: express and the driver, the one indexed find of `Observation?patient=&code=&_sort=-date&_count=20`. */
import express from 'express'
import { MongoClient } from 'mongodb'
import { FHIR_JSON } from '../../src/http/outcome.ts'
import { listen } from '../../src/http/server.ts'
import { BARE_COLLECTION } from './seed-bare.ts'
import type { BareObservation } from './seed-bare.ts'

const [, , uri = '', database = ''] = process.argv
const client = await new MongoClient(uri).connect()
const observations = client.db(database).collection<BareObservation>(BARE_COLLECTION)
const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.get('/fhir/R4/Observation', async (request, response) => {
  const query = request.query as Readonly<Record<string, string>>
  const found = await observations
    .find({ patient: query['patient'] ?? '', code: query['code'] ?? '' })
    .sort({ date: -1 })
    .limit(Number(query['_count']))
    .toArray()
  const entries = found.map(({ body }) => `{"resource":${body}}`).join(',')
  response.set('Content-Type', FHIR_JSON).send(`{"resourceType":"Bundle","type":"searchset","entry":[${entries}]}`)
})
const { port } = await listen(app, '127.0.0.1', 0)
process.send?.(port)
