import { connect } from '../../interop/harness/link.ts'
import {
  createNamespace,
  enableForwarding,
  ipBatch,
  type Namespace,
} from '../../interop/harness/namespace.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { CLIENT, type Ground, INSIDE, pinCongestionControl, SERVER } from '../ground.ts'

/** host ── gateway ══ gateway ── host: two sites, with nothing between the gateways but a cable. */
export interface Pair {
  readonly near: End
  readonly far: End
}

/** A gateway's namespace, and the network with the host behind it. */
export interface End {
  readonly gateway: Namespace
  /** By which the other gateway reaches it. */
  readonly address: string
  readonly network: string
  readonly host: Namespace
  readonly hostAddress: string
}

const FAR = { network: '10.2.0.0/24', gateway: '10.2.0.1', host: '10.2.0.10' } as const

/**
 * A host behind the ground's client, which becomes the other gateway. Without a tunnel no way leads across.
 *
 * @param congestionControl that of the ground.
 */
export async function createPair(ground: Ground, congestionControl: string): Promise<Pair> {
  const { client: gateway, server, inside } = ground
  const host = await createNamespace('h')
  await pinCongestionControl([host], congestionControl)
  await enableForwarding(gateway)
  await ipBatch(gateway, ['route del default'])
  await connect(
    { namespace: gateway, device: 'lan', addresses: [`${FAR.gateway}/24`] },
    { namespace: host, device: 'lan', addresses: [`${FAR.host}/24`] },
  )
  await ipBatch(host, [`route add default via ${FAR.gateway}`])
  const { insideNetwork: network } = ADDRESSES
  return {
    near: { gateway: server, address: SERVER, network, host: inside, hostAddress: INSIDE },
    far: { gateway, address: CLIENT, network: FAR.network, host, hostAddress: FAR.host },
  }
}
