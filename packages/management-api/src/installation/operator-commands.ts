import { randomUUID } from 'node:crypto'
import { judgePrincipalRemoval, type RoleAssignment, roleDefinitionGuid } from '@causeway/access'
import {
  type AddedPrincipal,
  type AddedPrincipalSecret,
  type ErrorCode,
  type PrincipalView,
  quote,
  type RemovedPrincipal,
} from '@causeway/api-contract'
import { CommandError, type ManagementPort } from '@causeway/gateway'
import type { Change, DocumentStore, HistoryEntry } from '@causeway/store'
import type { AddedSecret, PrincipalRefusal, PrincipalStore, ServicePrincipal } from '@causeway/token-service'
import { livingPrincipals } from '../rights/role-assignments.ts'
import type { RoleStore } from '../rights/role-store.ts'
import type { CertificateCommands } from './certificate-commands.ts'
import { judgeGrant } from './role-grant.ts'

/** What the operator's commands work with. */
export interface OperatorCommandsOptions {
  readonly principals: PrincipalStore
  readonly roles: RoleStore
  readonly documents: DocumentStore
  readonly tenantId: string
  /** Where roles hold unless a scope is given. */
  readonly subscriptionId: string
  /** Whether tokens of another tenant count, whose principals are not known here. Default no. */
  readonly hasExternalTenant?: boolean
  readonly deploy: ManagementPort['applyTemplate']
  readonly certificates: CertificateCommands
  readonly diagnose: ManagementPort['diagnoseConnection']
  /** Unix seconds. */
  readonly now: () => number
}

type Params<Method extends 'addPrincipal' | 'addPrincipalSecret' | 'removePrincipal'> = Parameters<
  ManagementPort[Method]
>[0]

/** In the history: who changed it. */
const INSTALLATION = 'installation'
const DAY_SECONDS = 86_400

/** Commands of whoever runs the gateway: they need no role, as the data directory is theirs. */
export function createOperatorCommands(options: OperatorCommandsOptions): ManagementPort {
  const commands = new OperatorCommands(options)
  return {
    addPrincipal: wanted => commands.inTurn(() => commands.add(wanted)),
    listPrincipals: () => commands.list(),
    addPrincipalSecret: wanted => commands.inTurn(() => commands.addSecret(wanted)),
    removePrincipal: wanted => commands.inTurn(() => commands.remove(wanted)),
    applyTemplate: options.deploy,
    ...options.certificates,
    diagnoseConnection: options.diagnose,
  }
}

class OperatorCommands {
  readonly #options: OperatorCommandsOptions
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: OperatorCommandsOptions) {
    this.#options = options
  }

  /** One after the other: a name is given once. */
  inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(run)
    this.#tail = result.catch(() => undefined)
    return result
  }

  async add({ name, role, scope, validDays }: Params<'addPrincipal'>): Promise<AddedPrincipal> {
    const { principals } = this.#options
    const namesakes = await this.#named(name)
    if (namesakes.length > 0)
      throw new CommandError(
        'Conflict',
        `there is a service principal ${quote(name)} already; give another name`,
      )
    const objectId = randomUUID()
    // Judged before anything is made: a refusal leaves nothing behind.
    const grant = role === undefined ? undefined : await judgeGrant(this.#options, objectId, role, scope)
    const { principal } = accepted(await principals.addServicePrincipal({ displayName: name, objectId }))
    try {
      const secret = accepted(await principals.addSecret(principal.appId, lifetime(validDays)))
      await this.#store([
        ...(grant ? this.#assigning(grant.assignment) : []),
        this.#record('principals/write', principal, { after: { name, appId: principal.appId, objectId } }),
      ])
      return {
        ...this.#shown(principal, secret),
        ...(grant && { role: grant.role.roleName, scope: grant.assignment.scope }),
      }
    } catch (error) {
      await principals.removeServicePrincipal(principal.appId)
      throw error
    }
  }

  async list(): Promise<readonly PrincipalView[]> {
    const { principals } = this.#options
    return (await principals.servicePrincipals()).map(principal => ({
      name: principal.displayName,
      clientId: principal.appId,
      objectId: principal.objectId,
      isEnabled: principal.isEnabled,
      roles: this.#rolesOf(principal).map(held => ({ role: this.#roleName(held), scope: held.scope })),
      secrets: principal.secrets.map(({ keyId, endsAt }) => ({ keyId, endsAt })),
      certificates: principal.certificates.length,
    }))
  }

  async addSecret({ name, validDays }: Params<'addPrincipalSecret'>): Promise<AddedPrincipalSecret> {
    const { principals } = this.#options
    const principal = await this.#one(name)
    const secret = accepted(await principals.addSecret(principal.appId, lifetime(validDays)))
    const { keyId, endsAt } = secret
    try {
      await this.#store([this.#record('principals/secrets/write', principal, { after: { keyId, endsAt } })])
    } catch (error) {
      // Nobody has seen it, and nobody will.
      await principals.removeCredential(principal.appId, keyId)
      throw error
    }
    return this.#shown(principal, secret)
  }

  async remove({ name }: Params<'removePrincipal'>): Promise<RemovedPrincipal> {
    const { principals, roles, hasExternalTenant = false } = this.#options
    const principal = await this.#one(name)
    const { appId, objectId, displayName } = principal
    const isLiving = await livingPrincipals({ principals, hasExternalTenant })
    const refusal = judgePrincipalRemoval(objectId, roles.assignments(), isLiving)
    if (refusal) throw lastOwner(displayName)
    // The rights go first: who is left without any can do nothing, should the rest fail.
    await this.#store([
      ...this.#rolesOf(principal).flatMap(held => [
        roles.removeAssignment(held.id),
        this.#recordOf('Microsoft.Authorization/roleAssignments/delete', `role-assignments/${held.id}`, {
          before: held,
        }),
      ]),
      this.#record('principals/delete', principal, { before: { name: displayName, appId, objectId } }),
    ])
    const gone = await principals.removeServicePrincipal(appId)
    if (gone) throw refused(gone)
    return { name: displayName, clientId: appId, objectId }
  }

  #assigning(assignment: RoleAssignment): Change[] {
    const target = `role-assignments/${assignment.id}`
    return [
      this.#options.roles.putAssignment(assignment),
      this.#recordOf('Microsoft.Authorization/roleAssignments/write', target, { after: assignment }),
    ]
  }

  #record(
    action: string,
    { appId }: ServicePrincipal,
    change: Pick<HistoryEntry, 'before' | 'after'>,
  ): Change {
    return this.#recordOf(action, `principals/${appId}`, change)
  }

  #recordOf(action: string, target: string, change: Pick<HistoryEntry, 'before' | 'after'>): Change {
    const at = Math.floor(this.#options.now())
    return { type: 'record', entry: { at, who: INSTALLATION, action, target, ...change } }
  }

  async #store(changes: readonly Change[]): Promise<void> {
    const { type } = await this.#options.roles.commit(changes)
    if (type === 'conflict')
      throw new CommandError('Conflict', 'somebody else changes roles at this moment; try again')
  }

  #shown({ displayName, appId, objectId }: ServicePrincipal, secret: AddedSecret): AddedPrincipalSecret {
    const { keyId, secretText, endsAt } = secret
    const { tenantId } = this.#options
    return { name: displayName, tenantId, clientId: appId, objectId, keyId, secret: secretText, endsAt }
  }

  #rolesOf({ objectId }: ServicePrincipal): readonly RoleAssignment[] {
    return this.#options.roles
      .assignments()
      .filter(({ principalId }) => principalId.toLowerCase() === objectId.toLowerCase())
  }

  #roleName({ roleDefinitionId }: RoleAssignment): string {
    const guid = roleDefinitionGuid(roleDefinitionId) ?? roleDefinitionId
    return this.#options.roles.definitions().find(({ id }) => id === guid)?.roleName ?? guid
  }

  async #one(name: string): Promise<ServicePrincipal> {
    const [found, ...others] = await this.#named(name)
    if (!found)
      throw new CommandError(
        'ResourceNotFound',
        `there is no service principal ${quote(name)}; \`causeway principal list\` shows all`,
      )
    if (others.length === 0) return found
    throw new CommandError(
      'Conflict',
      `several service principals are called ${quote(name)}; give the client id`,
    )
  }

  /** Those with this name or client id. */
  async #named(name: string): Promise<readonly ServicePrincipal[]> {
    const wanted = name.toLowerCase()
    const all = await this.#options.principals.servicePrincipals()
    return all.filter(({ appId, displayName }) => appId === wanted || displayName.toLowerCase() === wanted)
  }
}

function lifetime(validDays: number | undefined): { readonly lifetimeSeconds?: number } {
  return validDays === undefined ? {} : { lifetimeSeconds: validDays * DAY_SECONDS }
}

function lastOwner(name: string): CommandError {
  return new CommandError(
    'Conflict',
    `${quote(name)} is the last Owner at '/': without it nobody could give roles; ` +
      'make another first: causeway principal add NAME --role Owner --scope /',
  )
}

const REFUSAL_CODES: Readonly<Record<PrincipalRefusal['code'], ErrorCode>> = {
  NotFound: 'ResourceNotFound',
  AlreadyExists: 'Conflict',
  Invalid: 'InvalidParameter',
  LimitExceeded: 'Conflict',
}

function refused({ code, message }: PrincipalRefusal): CommandError {
  return new CommandError(REFUSAL_CODES[code], message)
}

function accepted<Value extends { readonly type: string }>(outcome: Value): Exclude<Value, PrincipalRefusal> {
  if (isRefusal(outcome)) throw refused(outcome)
  return outcome as Exclude<Value, PrincipalRefusal>
}

function isRefusal(outcome: { readonly type: string }): outcome is PrincipalRefusal {
  return outcome.type === 'refused'
}
