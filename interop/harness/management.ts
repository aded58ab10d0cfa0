import { join } from 'node:path'
import { Causeway } from './causeway.ts'
import { ADDRESSES, createTopology, type Topology } from './topology.ts'

/** Who signs in with a secret. */
export interface Principal {
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly objectId?: string
}

/** Where a management API is. */
export interface ManagementPlace {
  readonly baseUrl: string
  readonly tenantId: string
  readonly subscriptionId: string
  /** Names of vaults are below it. */
  readonly vaultDomain: string
  /** The CA of the API's certificate, as a PEM file. */
  readonly authority: string
}

/** A topology with an installation that has no gateway yet. */
export interface ManagedScenario {
  readonly topology: Topology
  /** `causeway up`, which is told of a gateway by the API alone. */
  readonly gateway: Causeway
  readonly place: ManagementPlace
  /** Who may do everything: told by the first start. */
  readonly administrator: Principal
  close(): Promise<void>
}

const VAULT_DOMAIN = 'vault.causeway.internal'

/** What `causeway up` is started with; by default it waits for a gateway that the API is told of. */
export interface ManagedOptions {
  readonly inside: string
  readonly args: readonly string[]
}

// What is inside comes with the gateway's virtual network.
const WITHOUT_GATEWAY: ManagedOptions = { inside: '', args: ['--gateway', 'none'] }

export async function openManaged(clients = 2, options = WITHOUT_GATEWAY): Promise<ManagedScenario> {
  const topology = await createTopology(clients)
  try {
    const gateway = await Causeway.start({
      namespace: topology.gateway,
      host: ADDRESSES.gateway,
      api: true,
      ...options,
    })
    const close = async (): Promise<void> => {
      await gateway.stop()
      topology.close()
    }
    return { topology, gateway, ...announced(gateway), close }
  } catch (error) {
    topology.close()
    throw error
  }
}

/** A service principal made by the operator. */
export async function addPrincipal(gateway: Causeway, name: string, role = 'none'): Promise<Principal> {
  const made = await gateway.json<AddedPrincipal>('principal', 'add', name, '--role', role)
  const { tenantId, clientId, secret, objectId } = made
  return { tenantId, clientId, clientSecret: secret, objectId }
}

interface AddedPrincipal {
  readonly tenantId: string
  readonly clientId: string
  readonly objectId: string
  readonly secret: string
}

/** What the first start prints. Errors: it was another start. */
export function announced(gateway: Causeway): Pick<ManagedScenario, 'place' | 'administrator'> {
  const log = gateway.process.log()
  const told = (pattern: RegExp): string => {
    const value = pattern.exec(log)?.[1]
    if (value === undefined) throw new Error(`not told: ${pattern}\n${gateway.process.tail()}`)
    return value
  }
  const tenantId = told(/^ {2}tenant id +(\S+)$/m)
  return {
    place: {
      baseUrl: told(/^management API: (\S+)/m),
      tenantId,
      subscriptionId: told(/^ {2}subscription +(\S+)$/m),
      vaultDomain: VAULT_DOMAIN,
      authority: join(gateway.data, 'ca.pem'),
    },
    administrator: {
      tenantId,
      clientId: told(/^ {2}client id +(\S+)$/m),
      clientSecret: told(/^ {2}client secret +(\S+)$/m),
    },
  }
}
