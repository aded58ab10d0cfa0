import { isDeepStrictEqual } from 'node:util'
import { formatResourceId } from '@causeway/api-contract'
import type { ConnectionResource } from '@causeway/gateway'
import type { Services } from '../call/services.ts'
import { runningBody } from '../resources/changing.ts'
import type { Body, Resource } from '../resources/document.ts'
import { servedResource } from '../resources/resource-view.ts'
import { connectionResource } from './connection/connection-peer.ts'
import { networkOf } from './gateway-network.ts'
import { isSameId } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

const CONNECTIONS = 'Microsoft.Network/connections'

/**
 * Brings what runs in line with the stored connections and with what is around the gateway. At the start: a process may
 * have ended between a change of the gateway and its note in the resource, and an earlier program did not have it. After
 * a command of the operator: it may have changed the addresses of the installation, or brought a gateway back. What
 * cannot be done is logged; nobody waits for it. Errors: the store's.
 */
export function rejoinNetwork(services: Services, options: NetworkOptions): Promise<void> {
  return options.resources.changing([], async () => {
    // Until the resource says what is in force, nothing is applied by it; who makes it say so comes here again.
    if (options.isBehind() || !options.gateway.present()) return
    await rejoinSurroundings(options)
    await rejoinConnections(services, options)
  })
}

/** The same of connections alone, for whoever changes what is in force already. */
export async function rejoinConnections(services: Services, options: NetworkOptions): Promise<void> {
  const kept: string[] = []
  for await (const resource of services.resources.below(undefined))
    if (resource.document.type === CONNECTIONS) {
      kept.push(formatResourceId(resource.id))
      // What is being changed is applied by who changes it.
      if (!resource.document.operation) await rejoinConnection(services, options, resource)
    }
  for (const { connection } of options.gateway.connectionsInForce())
    if (!kept.some(id => isSameId(id, connection.id)))
      await logged(options, connection.id, () => options.gateway.removeConnection(connection.id ?? ''))
}

async function rejoinSurroundings(options: NetworkOptions): Promise<void> {
  const { gateway } = options
  const present = gateway.present()
  if (!present?.network) return
  const { resource } = present
  await logged(options, resource.id, async () => {
    const network = await networkOf(options, resource as unknown as Body)
    if (network && !isDeepStrictEqual(network, present.network)) await gateway.apply({ resource, network })
  })
}

async function rejoinConnection(
  services: Services,
  options: NetworkOptions,
  resource: Resource,
): Promise<void> {
  const { id, document } = resource
  const { gateway, resources } = options
  const text = formatResourceId(id)
  const present = gateway.connectionsInForce().find(({ connection }) => isSameId(connection.id, text))
  const bodies = await services.resources.bodiesOf(resource)
  const asResource = (body: Body): Promise<ConnectionResource> =>
    connectionResource(resources, servedResource(id, document, body))
  await logged(options, text, async () => {
    if (document.state === 'Failed' && present && isDeepStrictEqual(present, await asResource(bodies.body))) {
      // It ran already when the process ended, and only the note of it was missing.
      const draft = {
        id,
        document: { ...document, state: 'Succeeded' },
        bodies: { body: bodies.body, applied: undefined },
      } as const
      await services.resources.commit(services.resources.put(draft, resource))
      return
    }
    const body = runningBody(resource, bodies)
    const wanted = body && (await asResource(body))
    if (wanted && !isDeepStrictEqual(present, wanted)) await gateway.applyConnection(wanted)
    if (!wanted && present) await gateway.removeConnection(text)
  })
}

async function logged(
  { log }: NetworkOptions,
  resource: string | undefined,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.error({ err: error, resource }, 'a resource could not be brought in force again')
  }
}
