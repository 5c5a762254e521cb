/** /api/docs: the contract to read and to try, by Swagger UI; /api/openapi.json: the contract itself. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Answer } from '../../http/answer.ts'
import type { Contract } from './contract.ts'

const SCRIPT = 'text/javascript; charset=utf-8'

/** What of Swagger UI the page loads. */
const SHOWN = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
  'favicon-32x32.png': 'image/png',
}

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

/** Each page by its path: read once. */
export function docsPages({ text }: Contract): ReadonlyMap<string, Answer> {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const shown = Object.entries(SHOWN).map(([name, type]) => [name, type, readFileSync(join(folder, name))] as const)
  return new Map([
    ['/api/docs', pageOf('text/html; charset=utf-8', PAGE)],
    ['/api/docs/start.js', pageOf(SCRIPT, START)],
    ...shown.map(([name, type, body]) => [`/api/docs/${name}`, pageOf(type, body)] as const),
    ['/api/openapi.json', pageOf('application/json; charset=utf-8', Buffer.from(text))],
  ])
}

function pageOf(type: string, body: string | Buffer): Answer {
  const headers = { 'Content-Type': type, 'Content-Security-Policy': POLICY }
  return { status: 200, headers, body, interaction: 'api-docs' }
}
