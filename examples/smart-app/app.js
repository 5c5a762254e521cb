/**
 * A SMART app without a library: the whole of https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html for an app in
 * a browser, in the order in which it happens.
 *
 * The page is opened in three ways: by a person (standalone launch), by an EHR with `iss` and `launch` (EHR launch), and by
 * the authorization server with `code` and `state`, at the end of either.
 */
const clientId = document.querySelector('meta[name="client-id"]').content
const redirectUri = location.origin + location.pathname
const asked = new URLSearchParams(location.search)

if (asked.has('launch')) await authorize(asked.get('iss'), 'launch', asked.get('launch'))
else if (asked.has('code') || asked.has('error')) await finish()
else begin()

/** Standalone: the person says which clinic it is. */
function begin() {
  const form = document.querySelector('#connect')
  form.iss.value = new URL('/fhir/R4', location.origin).href
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    authorize(form.iss.value.replace(/\/$/, ''), 'launch/patient').catch(tell)
  })
}

/** 1. Ask the FHIR server where to go, and go there with the hash of a secret (PKCE) and a state that we know again. */
async function authorize(iss, launchScope, launch) {
  const server = await json(`${iss}/.well-known/smart-configuration`)
  const verifier = random()
  const state = random()
  sessionStorage.setItem(state, JSON.stringify({ iss, verifier, token: server.token_endpoint }))
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: `${launchScope} openid fhirUser offline_access patient/Patient.rs patient/Observation.rs`,
    state,
    aud: iss,
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
  })
  if (launch) parameters.set('launch', launch)
  location.assign(`${server.authorization_endpoint}?${parameters}`)
}

/** 2. Back again: exchange the code for a token, which comes with the patient whose record it is for. */
async function finish() {
  const kept = sessionStorage.getItem(asked.get('state'))
  sessionStorage.removeItem(asked.get('state'))
  history.replaceState(null, '', redirectUri)
  if (!kept) return tell('This answer belongs to no request of this page: connect again.')
  if (asked.has('error')) return tell(`Not connected: ${asked.get('error_description') ?? asked.get('error')}`)
  const { iss, verifier, token } = JSON.parse(kept)
  const granted = await json(token, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: asked.get('code'),
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    }),
  })
  await show(iss, granted)
}

/** 3. Read. What the person took away while agreeing is answered with 403. */
async function show(iss, { access_token: token, patient: id, scope }) {
  const read = (path) => json(`${iss}/${path}`, { headers: { Authorization: `Bearer ${token}` } })
  const patient = await read(`Patient/${id}`)
  const found = await read(`Observation?patient=${id}&_sort=-date&_count=20`).catch(() => ({ entry: [] }))
  document.querySelector('#connect').hidden = true
  document.querySelector('#record').hidden = false
  fill('#patient', nameOf(patient))
  fill('#born', patient.birthDate ? `Born ${patient.birthDate}` : '')
  const rows = (found.entry ?? []).map(({ resource }) => row(resource))
  document.querySelector('#observations').replaceChildren(...rows)
  const scopes = scope.split(' ').map((each) => element('li', each))
  document.querySelector('#scopes').replaceChildren(...scopes)
}

function row({ effectiveDateTime = '', code, valueQuantity, valueCodeableConcept, valueString }) {
  const value = valueQuantity
    ? `${valueQuantity.value} ${valueQuantity.unit ?? ''}`
    : (valueCodeableConcept?.text ?? valueString ?? '')
  const what = code.text ?? code.coding?.[0]?.display ?? ''
  const tr = document.createElement('tr')
  tr.append(...[effectiveDateTime.slice(0, 10), what, value].map((text) => element('td', text)))
  return tr
}

function nameOf({ name: [name = {}] = [] }) {
  return name.text ?? [...(name.given ?? []), name.family].filter(Boolean).join(' ')
}

async function json(url, init) {
  const response = await fetch(url, init)
  const content = await response.json()
  if (response.ok) return content
  throw new Error(content.error_description ?? content.issue?.[0]?.diagnostics ?? `${url} answered ${response.status}`)
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)))
}

async function sha256(text) {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function element(tag, text) {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}

function fill(selector, text) {
  document.querySelector(selector).textContent = text
}

function tell(problem) {
  fill('#message', problem.message ?? problem)
}

addEventListener('unhandledrejection', ({ reason }) => tell(reason))
