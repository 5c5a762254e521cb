/** What becomes of a write that breaks rules, by kind of rule and tenant: configuration and the FHIR edge share this. */

export const VALIDATION_ACTIONS = ['refuse', 'warn', 'off'] as const
export type ValidationAction = (typeof VALIDATION_ACTIONS)[number]

/** The structure of R4 with its required bindings is always refused: what breaks it could not be stored and found. */
export const VALIDATION_ASPECTS = ['invariants', 'profiles'] as const
export type ValidationAspect = (typeof VALIDATION_ASPECTS)[number]

export type ValidationPolicy = Readonly<Record<ValidationAspect, ValidationAction>>

export interface ValidationPolicies {
  readonly usual: ValidationPolicy
  /** of tenants that have another */
  readonly tenants: ReadonlyMap<string, ValidationPolicy>
}

export const usualPolicies: ValidationPolicies = {
  usual: { invariants: 'warn', profiles: 'warn' },
  tenants: new Map(),
}
