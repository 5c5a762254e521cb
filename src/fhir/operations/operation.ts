/** What an operation is (https://hl7.org/fhir/R4/operations.html): router and CapabilityStatement ask nothing else of one. */
import type { Answer } from '../../http/answer.ts'
import type { Access } from '../access.ts'
import type { FhirContext } from '../context.ts'
import type { Inputs } from './inputs.ts'

export interface Operation {
  /** without the dollar sign */
  readonly code: string
  /** canonical of HL7's OperationDefinition, or the id of ours in profiles/ */
  readonly definition: string
  /** where it is asked: of the server, of a type, of a resource */
  readonly levels: readonly Level[]
  /** what of it a caller must be allowed (src/fhir/access.ts) */
  readonly access: Access
  /** for users of whose roles one has one of these */
  readonly permissions?: readonly string[]
  /** the types it is for; absent: all */
  readonly resources?: readonly string[]
  /** what changes something is asked by POST only */
  readonly affectsState?: true
  /** may read or write much: takes turns with its like (src/http/gate.ts) */
  readonly heavy?: true
  /** what it may be given; anything else is refused. `its own`: it reads the request itself */
  readonly inputs: readonly Input[] | 'its own'
  handle(context: FhirContext, call: Call): Promise<Answer>
}

export type Level = 'system' | 'type' | 'instance'

/** An input parameter of its OperationDefinition. */
export interface Input {
  readonly name: string
  /** a type of FHIR; `Resource` where it is one, `part` where it is made of parts */
  readonly type: string
  readonly required?: true
  readonly repeats?: true
}

/** Of which resource, or which type, and with what it is called. */
export interface Call {
  readonly type?: string
  readonly id?: string
  readonly inputs: Inputs
}
