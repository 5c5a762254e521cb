/** From what a token was granted to the rules of its Permit. */
import type { Credential, CredentialUser } from './credential.ts'
import type { Rule } from './permit.ts'
import { lettersIn, readPermission, scopesIn } from './scope.ts'
import type { SmartScope } from './scope.ts'

export function rulesOf(credential: Credential): Rule[] {
  const { scope, user } = credential
  const rules = scopesIn(scope).flatMap((each) => rulesOfScope(credential, each))
  // Who somebody is, they may always ask (`fhirUser`)
  const self = user?.person
  return self === undefined
    ? rules
    : [...rules, { type: self.replace(/\/.*/s, ''), letters: 'r', name: self, where: [] }]
}

/**
 * `system/` is for programs alone, `user/` for people: what their roles allow, of the whole tenant or (who is a patient or
 * stands for one) of those patients. `patient/` is the patient of the launch, and no more than the roles allow either.
 */
function rulesOfScope({ patient, user }: Credential, scope: SmartScope): Rule[] {
  const { level } = scope
  if (level === 'system') return user ? [] : [ruleOf(scope)]
  const own = user && ownPatients(user)
  if (level === 'user') return user ? boundBy(scope, user).map((rule) => withPatients(rule, own)) : []
  if (patient === undefined || (own && !own.includes(patient))) return []
  return (user ? boundBy(scope, user) : [ruleOf(scope)]).map((rule) => withPatients(rule, [patient]))
}

/** Undefined: of all patients, as staff is. */
export function ownPatients({ person, representing }: CredentialUser): string[] | undefined {
  const [, type, id = ''] = /^([A-Za-z]+)\/(.+)$/s.exec(person ?? '') ?? []
  if (type === 'Patient') return [...new Set([id, ...representing])].sort()
  return type === 'RelatedPerson' || type === 'Person' ? [...new Set(representing)].sort() : undefined
}

/** What scope and one of the roles' permissions allow both. */
function boundBy(scope: SmartScope, { permissions }: CredentialUser): Rule[] {
  const granted = permissions.flatMap((text) => readPermission(text) ?? [])
  return granted.flatMap((permission) => {
    const letters = lettersIn(scope.letters)
      .filter((letter) => permission.letters.includes(letter))
      .join('')
    const type = scope.type === '*' ? permission.type : scope.type
    const isCommon = permission.type === '*' || permission.type === type
    return isCommon && letters !== '' ? [{ type, letters, where: [...scope.where, ...permission.where] }] : []
  })
}

function ruleOf({ type, letters, where }: SmartScope): Rule {
  return { type, letters, where }
}

function withPatients(rule: Rule, patients: readonly string[] | undefined): Rule {
  return patients ? { ...rule, patients } : rule
}

/** Then there is nothing to look at. */
export function isEverything({ type, letters, patients, name, where }: Rule): boolean {
  return type === '*' && letters === 'cruds' && patients === undefined && name === undefined && where.length === 0
}
