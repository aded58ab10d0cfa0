import { join } from 'node:path'
import { Causeway } from '../../interop/harness/causeway.ts'
import { announced } from '../../interop/harness/management.ts'
import { writeDocument } from '../../interop/harness/scenario.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { SiteArm } from '../../interop/s2s/site-arm.ts'
import { SiteBodies } from '../../interop/s2s/site-bodies.ts'
import { type Contender, SECRET } from './contender.ts'
import type { End, Pair } from './pair.ts'

/** What an installation calls the gateway of the other one. */
const OTHER_GATEWAY =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/other/providers/Microsoft.Network/virtualNetworkGateways/gw'

/** Two installations, each with a gateway that the API was told of, joined VNet to VNet by Azure's default policy. */
export function createCauseway(): Contender {
  let gateways: readonly Causeway[] | undefined
  return {
    name: 'causeway',
    async start(pair) {
      if (gateways) for (const gateway of gateways) await gateway.restart()
      gateways ??= await install(pair)
      const running = gateways
      return {
        pids: running.map(({ process }) => process.pid),
        tail: () => running.map(({ process }) => process.tail()).join('\n'),
        async stop() {
          for (const gateway of running) await gateway.stop()
        },
      }
    },
  }
}

async function install({ near, far }: Pair): Promise<readonly Causeway[]> {
  const gateways = [await startGateway(near, far), await startGateway(far, near)]
  for (const [at, own] of [near, far].entries()) await makeResources(gateways[at] as Causeway, own)
  return gateways
}

function startGateway(own: End, { address, network }: End): Promise<Causeway> {
  const remoteGateways = [{ id: OTHER_GATEWAY, address, addressPrefixes: [network] }]
  const settings = writeDocument({ sites: { remoteGateways } })
  return Causeway.start({
    namespace: own.gateway,
    host: own.address,
    inside: '',
    api: true,
    data: join(scratchDirectory('d'), 'data'),
    args: ['--gateway', 'none', '--settings', settings, '--log-level', 'info'],
  })
}

async function makeResources(gateway: Causeway, { network }: End): Promise<void> {
  const installation = { gateway, ...announced(gateway) }
  const arm = new SiteArm(installation)
  const bodies = new SiteBodies(installation.place)
  await arm.put(bodies.groupId, bodies.group())
  await arm.put(bodies.id('virtualNetworks', 'net'), bodies.network(spaceOf(network)))
  await arm.put(bodies.id('publicIPAddresses', 'pip'), bodies.publicAddress())
  await arm.put(bodies.id('virtualNetworkGateways', 'gw'), bodies.gateway())
  await arm.put(bodies.id('connections', 'other'), {
    location: 'local',
    properties: {
      connectionType: 'Vnet2Vnet',
      virtualNetworkGateway1: { id: bodies.id('virtualNetworkGateways', 'gw') },
      virtualNetworkGateway2: { id: OTHER_GATEWAY },
      sharedKey: SECRET,
    },
  })
}

/** A network with the gateway's subnet beside it, for it has no room of its own. */
function spaceOf(network: string): object {
  const subnet = network.replace(/\.0\.0\/24$/, '.255.0/27')
  return {
    addressSpace: { addressPrefixes: [network, subnet] },
    subnets: [{ name: 'GatewaySubnet', properties: { addressPrefix: subnet } }],
  }
}
