/** Where websockets are, under the FHIR base. */
const PATH = '/subscriptions/ws'
const ADDRESS = /^(?:\/t\/([a-z0-9-]{1,63}))?\/fhir\/R4\/subscriptions\/ws$/

export function socketUrl(base: string): string {
  return base.replace(/^http/, 'ws') + PATH
}

/** Of which tenant; undefined: nothing is there. */
export function socketTenant(url = ''): string | undefined {
  const found = ADDRESS.exec(url.split('?', 1)[0] ?? '')
  return found ? (found[1] ?? 'default') : undefined
}
