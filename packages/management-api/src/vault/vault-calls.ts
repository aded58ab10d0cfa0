import { armErrors, canonicalBody, NAME_RULES, nameFault } from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { pageOf } from '../envelope/page.ts'
import { type Body, isObject } from '../resources/document.ts'
import { bodyError } from '../resources/writing.ts'
import { setAccessPolicies } from './access-policy-call.ts'
import { purgeVault } from './tending.ts'
import { type DeletedVault, isDeleted } from './vault-claims.ts'
import { vaultPropertiesOf } from './vault-properties.ts'
import type { Vaults } from './vaults.ts'

/** What ARM has about vaults beside their resources; `undefined`: it is about a resource. */
export function vaultCall(call: Call): Promise<Answer> | undefined {
  const { vaults } = call.services
  if (!vaults) return undefined
  switch (call.operation.action?.operation) {
    case 'CheckNameAvailability':
      return checkName(call, vaults)
    case 'ListDeleted':
      return listDeleted(call, vaults)
    case 'GetDeleted':
      return withDeleted(call, vaults, async deleted => ({ status: 200, body: deletedView(deleted) }))
    case 'PurgeDeleted':
      return withDeleted(call, vaults, deleted => purgeDeleted(call, vaults, deleted))
    case 'UpdateAccessPolicy':
      return setAccessPolicies(call)
    default:
      return undefined
  }
}

async function checkName({ body, operation }: Call, vaults: Vaults): Promise<Answer> {
  const { value, faults } = operation.body ? canonicalBody(operation.body, body) : { value: body, faults: [] }
  if (faults.length > 0) return errorOf(bodyError(faults))
  const { name: asked }: Body = isObject(value) ? value : {}
  const name = String(asked)
  const fault = nameFault(NAME_RULES.vault, name)
  if (fault)
    return nameAnswer(
      'AccountNameInvalid',
      `The vault name '${name.slice(0, 60)}' is invalid: ${fault.problem}; ${fault.remedy}.`,
    )
  const stored = await vaults.claims.read(name)
  if (!stored) return { status: 200, body: { nameAvailable: true } }
  const how = isDeleted(stored.claim) ? 'that of a deleted vault, which can be recovered or purged' : 'in use'
  return nameAnswer('AlreadyExists', `The vault name '${name}' is ${how}.`)
}

function nameAnswer(reason: string, message: string): Answer {
  return { status: 200, body: { nameAvailable: false, reason, message } }
}

async function listDeleted(call: Call, vaults: Vaults): Promise<Answer> {
  const subscription = subscriptionOf(call)
  const deleted = (await vaults.claims.all())
    .map(({ claim }) => claim)
    .filter(isDeleted)
    .filter(({ id }) => id.toLowerCase().startsWith(`${subscription}/`))
  return pageOf(call, deleted, ({ name }) => name.toLowerCase(), deletedView)
}

/** `/subscriptions/S/providers/Microsoft.KeyVault/locations/LOCATION/deletedVaults/NAME…`. */
async function withDeleted(
  call: Call,
  vaults: Vaults,
  answer: (deleted: DeletedVault) => Promise<Answer>,
): Promise<Answer> {
  const [, , , , , location = '', , name = ''] = call.words
  const stored = await vaults.claims.read(name)
  if (stored && isDeleted(stored.claim)) {
    const { id, deleted } = stored.claim
    const { location: place } = deleted.body
    const isHere =
      id.toLowerCase().startsWith(`${subscriptionOf(call)}/`) &&
      String(place).toLowerCase() === location.toLowerCase()
    if (isHere) return answer(stored.claim)
  }
  return errorOf(armErrors.resourceNotFound('Microsoft.KeyVault/deletedVaults', name, ''))
}

async function purgeDeleted({ caller }: Call, vaults: Vaults, vault: DeletedVault): Promise<Answer> {
  const { name, id, deleted } = vault
  if (vaultPropertiesOf(deleted.body).softDelete.purgeProtection)
    return errorOf({
      code: 'Conflict',
      message: `The vault '${name}' is protected from purging until ${timeText(deleted.scheduledPurgeDate)}: recover it, or wait.`,
      target: name,
    })
  if (await purgeVault(vaults, vault, caller.objectId)) return { status: 200 }
  return errorOf(armErrors.retryable(id), { 'retry-after': '1' })
}

function deletedView({ name, id, deleted }: DeletedVault): object {
  const { body, deletedDate, scheduledPurgeDate } = deleted
  const { location, tags } = body
  const subscription = id.split('/').slice(0, 3).join('/')
  return {
    id: `${subscription}/providers/Microsoft.KeyVault/locations/${String(location)}/deletedVaults/${name}`,
    name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties: {
      vaultId: id,
      location,
      ...(tags !== undefined && { tags }),
      deletionDate: timeText(deletedDate),
      scheduledPurgeDate: timeText(scheduledPurgeDate),
      purgeProtectionEnabled: vaultPropertiesOf(body).softDelete.purgeProtection,
    },
  }
}

/** In lower case. */
function subscriptionOf({ words }: Call): string {
  return `/${words.slice(0, 2).join('/')}`.toLowerCase()
}

function timeText(unixSeconds: number): string {
  return new Date(unixSeconds * 1_000).toISOString()
}
