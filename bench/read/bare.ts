/** The program to beat: express and the driver, one `findOne` a request, a stored string sent as it is. */
import express from 'express'
import { MongoClient } from 'mongodb'
import { FHIR_JSON } from '../../src/http/outcome.ts'
import { listen } from '../../src/http/server.ts'
import type { BareDocument } from './seed.ts'
import { BARE_COLLECTION } from './seed.ts'

const [, , uri = '', database = ''] = process.argv
const client = await new MongoClient(uri).connect()
const patients = client.db(database).collection<BareDocument>(BARE_COLLECTION)
const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.get('/fhir/R4/Patient/:id', async (request, response) => {
  const found = await patients.findOne({ _id: request.params.id })
  if (found) response.set('Content-Type', FHIR_JSON).send(found.body)
  else response.sendStatus(404)
})
const { port } = await listen(app, '127.0.0.1', 0)
process.send?.(port)
