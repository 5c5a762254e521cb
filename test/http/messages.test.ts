import express from 'express'
import type { RequestListener } from 'node:http'
import { expect, test } from '@jest/globals'
import { messagesOf } from '../../src/http/messages.ts'
import { listen } from '../../src/http/server.ts'

test('express leaves requests and responses as node made them, and finds its own methods on them', async () => {
  const app = express()
  const messages = messagesOf(app, () => '')
  const made: unknown[] = []
  const listener: RequestListener = (request, response) => {
    made.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response))
    const answer: RequestListener = app
    answer(request, response)
  }
  const seen: unknown[] = []
  app.get('/', (request, response) => {
    seen.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response))
    response.json({ host: request.hostname })
  })
  const server = await listen(Object.assign(listener, messages), '127.0.0.1', 0)
  const answer = await fetch(`http://127.0.0.1:${server.port}/`)
  expect(await answer.json()).toEqual({ host: '127.0.0.1' })
  expect(seen[0]).toBe(made[0])
  expect(seen[1]).toBe(made[1])
  await server.close()
})

test('where the gateway is reached by TLS, browsers are told to come by nothing else, and what a route says itself stays', async () => {
  const app = express()
  const messages = messagesOf(app, () => 'https://fhir.clinic.example')
  app.get('/', (_request, response) => response.set('cache-control', 'public').send('{}'))
  const server = await listen(Object.assign(app, messages), '127.0.0.1', 0)
  const { headers } = await fetch(`http://127.0.0.1:${server.port}/`)
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
  expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['public', 'nosniff'])
  await server.close()
})
