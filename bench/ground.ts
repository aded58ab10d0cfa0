import { connect } from '../interop/harness/link.ts'
import {
  createNamespace,
  deleteNamespace,
  enableForwarding,
  ipBatch,
  type Namespace,
  runInOk,
} from '../interop/harness/namespace.ts'
import { ADDRESSES } from '../interop/harness/topology.ts'

/** client ── server ── inside host, nothing else on the way: what is measured is the tunnel. */
export interface Ground {
  readonly client: Namespace
  readonly server: Namespace
  readonly inside: Namespace
  close(): void
}

/** The inside host, as clients reach it through the tunnel and, with the tunnel down, without it. */
export const INSIDE: string = ADDRESSES.inside
export const SERVER: string = ADDRESSES.gateway
export const CLIENT = '10.77.2.1'

/** @param congestionControl TCP's in every namespace; the machine's own when undefined. */
export async function createGround(congestionControl?: string): Promise<Ground> {
  const client = await createNamespace('c')
  const server = await createNamespace('g')
  const inside = await createNamespace('i')
  const close = (): void => [client, inside, server].forEach(deleteNamespace)
  try {
    await enableForwarding(server)
    if (congestionControl) await pinCongestionControl([client, server, inside], congestionControl)
    await connect(
      { namespace: client, device: 'eth0', addresses: [`${CLIENT}/24`] },
      { namespace: server, device: 'wan', addresses: [`${SERVER}/24`] },
    )
    await connect(
      { namespace: server, device: 'lan', addresses: [`${ADDRESSES.insideGateway}/24`] },
      { namespace: inside, device: 'lan', addresses: [`${INSIDE}/24`] },
    )
    await ipBatch(client, [`route add default via ${SERVER}`])
    await ipBatch(inside, [`route add default via ${ADDRESSES.insideGateway}`])
  } catch (error) {
    close()
    throw error
  }
  return { client, server, inside, close }
}

/** TCP's congestion control in namespaces. */
export async function pinCongestionControl(namespaces: readonly Namespace[], name: string): Promise<void> {
  const setting = `net.ipv4.tcp_congestion_control=${name}`
  for (const namespace of namespaces) await runInOk(namespace, 'sysctl', ['-qw', setting])
}

/** The device in a namespace that has an address. Errors: there is none. */
export async function deviceWith(namespace: Namespace, address: string): Promise<string> {
  const listed = await runInOk(namespace, 'ip', ['-o', 'addr', 'show', 'to', address])
  const device = /^\d+: (\S+)/.exec(listed)?.[1]
  if (!device) throw new Error(`no device has ${address}, which the client printed`)
  return device
}
