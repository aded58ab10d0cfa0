import { connect, createBridge, enslave } from './link.ts'
import { createNamespace, deleteNamespace, enableForwarding, ipBatch, type Namespace } from './namespace.ts'

/**
 * The small internet that the scenarios run in.
 *
 *   client 0 ─┐
 *   client 1 ─┼─ br0 router ── gateway ── inside host
 *   guest    ─┘  10.77.1.0/24  10.77.2.0/24  10.1.0.0/24
 *                fd77:1::/64   fd77:2::/64   fd01::/64
 */
export interface Topology {
  readonly clients: readonly Namespace[]
  readonly router: Namespace
  readonly gateway: Namespace
  readonly inside: Namespace
  close(): void
}

export const ADDRESSES = {
  /** Where clients reach the gateway. */
  gateway: '10.77.2.2',
  gateway6: 'fd77:2::2',
  /** The router as the clients see it. */
  router: '10.77.1.1',
  router6: 'fd77:1::1',
  /** The network behind the gateway and the host in it. */
  insideNetwork: '10.1.0.0/24',
  insideNetwork6: 'fd01::/64',
  inside: '10.1.0.10',
  inside6: 'fd01::10',
  insideGateway: '10.1.0.1',
  insideGateway6: 'fd01::1',
} as const

/** The bridge that clients and the guest are plugged into, in the router. */
export const BRIDGE = 'br0'

export function clientAddress(index: number): string {
  return `10.77.1.${11 + index}`
}

export function clientAddress6(index: number): string {
  return `fd77:1::${11 + index}`
}

export async function createTopology(clientCount = 1): Promise<Topology> {
  const router = await createNamespace('r')
  const gateway = await createNamespace('g')
  const inside = await createNamespace('i')
  const clients = await Promise.all(Array.from({ length: clientCount }, () => createNamespace('c')))
  const close = (): void => [...clients, inside, gateway, router].forEach(deleteNamespace)
  try {
    await Promise.all([enableForwarding(router), enableForwarding(gateway)])
    await connectRouter(router, gateway)
    await connectInside(gateway, inside)
    for (const [index, client] of clients.entries()) await connectClient(router, client, index)
  } catch (error) {
    close()
    throw error
  }
  return { clients, router, gateway, inside, close }
}

async function connectRouter(router: Namespace, gateway: Namespace): Promise<void> {
  const { router: address, router6: address6 } = ADDRESSES
  await createBridge({ namespace: router, device: BRIDGE, addresses: [`${address}/24`, `${address6}/64`] })
  await connect(
    { namespace: router, device: 'wan', addresses: ['10.77.2.1/24', 'fd77:2::1/64'] },
    {
      namespace: gateway,
      device: 'wan',
      addresses: [`${ADDRESSES.gateway}/24`, `${ADDRESSES.gateway6}/64`],
    },
  )
  await ipBatch(gateway, ['route add default via 10.77.2.1', 'route add default via fd77:2::1'])
}

async function connectInside(gateway: Namespace, inside: Namespace): Promise<void> {
  const { insideGateway: near, insideGateway6: near6, inside: far, inside6: far6 } = ADDRESSES
  await connect(
    { namespace: gateway, device: 'lan', addresses: [`${near}/24`, `${near6}/64`] },
    { namespace: inside, device: 'lan', addresses: [`${far}/24`, `${far6}/64`] },
  )
  await ipBatch(inside, [`route add default via ${near}`, `route add default via ${near6}`])
}

async function connectClient(router: Namespace, client: Namespace, index: number): Promise<void> {
  await connect(
    { namespace: router, device: `c${index}` },
    {
      namespace: client,
      device: 'eth0',
      addresses: [`${clientAddress(index)}/24`, `${clientAddress6(index)}/64`],
    },
  )
  await enslave(router, `c${index}`, BRIDGE)
  const { router: via, router6: via6 } = ADDRESSES
  await ipBatch(client, [`route add default via ${via}`, `route add default via ${via6}`])
}
