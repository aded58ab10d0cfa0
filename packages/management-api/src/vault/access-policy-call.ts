import { armErrors, canonicalBody } from '@causeway/api-contract'
import { type Call, idText } from '../call/call.ts'
import { type Answer, errorOf, isRefused } from '../envelope/answer.ts'
import { type Body, isObject, propertiesOf } from '../resources/document.ts'
import { lockKey } from '../resources/linked.ts'
import { viewOf } from '../resources/resource-view.ts'
import { bodyError, judgeAndStore, presentResource } from '../resources/writing.ts'
import { policiesIn } from './vault-properties.ts'

const KINDS = ['add', 'replace', 'remove'] as const
type Kind = (typeof KINDS)[number]

/** Subjects of permissions, as a policy names them. */
const SUBJECTS = ['keys', 'secrets', 'certificates', 'storage'] as const

/** `PUT …/accessPolicies/{add|replace|remove}`: permissions of those whom the body names, and of nobody else. */
export async function setAccessPolicies(call: Call): Promise<Answer> {
  const { operation, words, services, id, definition } = call
  const kind = KINDS.find(each => each === words.at(-1)?.toLowerCase())
  if (!kind || !operation.body)
    return errorOf(armErrors.notSupported(`${operation.id} ${words.at(-1) ?? ''}`))
  const { value, faults } = canonicalBody(operation.body, call.body)
  if (faults.length > 0) return errorOf(bodyError(faults))
  const given = policiesIn(value as Body)
  return services.locks.holding({ changes: [lockKey(id)], relies: [] }, async () => {
    const present = await presentResource(call)
    if (isRefused(present)) return present.answer
    const { resource, bodies } = present
    const accessPolicies = changedPolicies(policiesIn(bodies.body), given, kind)
    const body = { ...bodies.body, properties: { ...propertiesOf(bodies.body), accessPolicies } }
    const stored = await judgeAndStore(
      call,
      { id: resource.id, former: resource, formerBodies: bodies, body },
      definition,
    )
    if (isRefused(stored)) return stored.answer
    const view = await viewOf(services, stored.resource)
    return {
      status: 200,
      body: {
        id: `${idText(stored.resource.id)}/accessPolicies/`,
        type: 'Microsoft.KeyVault/vaults/accessPolicies',
        properties: { accessPolicies: policiesIn(view) },
      },
    }
  })
}

function changedPolicies(present: readonly Body[], given: readonly Body[], kind: Kind): readonly Body[] {
  const others = present.filter(policy => !given.some(each => isSamePerson(each, policy)))
  const theirs = given.flatMap(each => {
    const before = present.find(policy => isSamePerson(each, policy))
    const after = changedPolicy(before, each, kind)
    return after ? [after] : []
  })
  return [...others, ...theirs]
}

/** `undefined`: nothing is left. */
function changedPolicy(before: Body | undefined, given: Body, kind: Kind): Body | undefined {
  if (kind === 'replace') return given
  const permissions = Object.fromEntries(
    SUBJECTS.flatMap(subject => {
      const [had, words] = [wordsIn(before, subject), wordsIn(given, subject)]
      const left =
        kind === 'add'
          ? [...had, ...words.filter(word => !had.includes(word))]
          : had.filter(word => !words.includes(word))
      return left.length === 0 ? [] : [[subject, left]]
    }),
  )
  return Object.keys(permissions).length === 0 ? undefined : { ...given, ...before, permissions }
}

function wordsIn(policy: Body | undefined, subject: string): readonly string[] {
  const { permissions }: Body = policy ?? {}
  const list = isObject(permissions) ? permissions[subject] : undefined
  return Array.isArray(list) ? list.map(word => String(word).toLowerCase()) : []
}

function isSamePerson({ objectId: one }: Body, { objectId: other }: Body): boolean {
  return String(one).toLowerCase() === String(other).toLowerCase()
}
