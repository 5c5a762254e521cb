/** Why somebody cannot become a client: one sentence, under the error code of RFC 7591 §3.2.2. */
export class ClientRefusal extends Error {
  override readonly name = 'ClientRefusal'
  readonly code: 'invalid_redirect_uri' | 'invalid_client_metadata'

  constructor(message: string, code: ClientRefusal['code'] = 'invalid_client_metadata') {
    super(message)
    this.code = code
  }
}
