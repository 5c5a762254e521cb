/** /api/docs: the contract to read and to try, by Swagger UI; /api/openapi.json: the contract itself. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import express from 'express'
import type { Router } from 'express'
import type { Contract } from './contract.ts'

const SHOWN = /^\/(swagger-ui\.css|swagger-ui-bundle\.js|favicon-32x32\.png)$/

/** Swagger UI sets styles of its own; what it loads and asks is of this origin. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Isthmus: staff API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" href="/api/docs/favicon-32x32.png">
</head>
<body>
<main id="contract"></main>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script type="module" src="/api/docs/start.js"></script>
</body>
</html>
`

/** A signed-in browser changes things with the value that only pages of this origin can read. */
const START = `const session = await fetch('/api/session').then((answer) => (answer.ok ? answer.json() : undefined))
SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#contract',
  deepLinking: true,
  tryItOutEnabled: true,
  requestInterceptor(request) {
    if (session && !request.headers.Authorization) request.headers['X-CSRF-Token'] = session.csrf
    return request
  },
})
`

export function docsRouter({ text }: Contract): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  router.use('/api/docs', (_request, response, next) => {
    response.set({ 'Content-Security-Policy': POLICY })
    next()
  })
  router.get('/api/docs', (_request, response) => {
    response.type('html').send(PAGE)
  })
  router.get('/api/docs/start.js', (_request, response) => {
    response.type('text/javascript').send(START)
  })
  router.get(/^\/api\/docs\/.+$/, (request, response, next) => {
    const name = request.path.slice('/api/docs'.length)
    if (SHOWN.test(name)) response.sendFile(name.slice(1), { root: folder, cacheControl: false })
    else next()
  })
  router.get('/api/openapi.json', (_request, response) => {
    response.type('application/json').send(text)
  })
  return router
}
