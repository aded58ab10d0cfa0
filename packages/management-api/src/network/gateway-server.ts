import type { ResourceChange, ResourceServer, ServedResource } from '../resources/resource-server.ts'
import { gatewayAction } from './gateway-actions.ts'
import { anotherGateway, judgeGateway } from './gateway-check.ts'
import { networkOf, publicAddressIdsOf } from './gateway-network.ts'
import { asked, gatewayOf, inForce, isSameId, judgeBehind, networkIdsOf } from './gateway-resource.ts'
import { gatewayView } from './gateway-view.ts'
import type { NetworkOptions } from './network-options.ts'

/** What stands behind `Microsoft.Network/virtualNetworkGateways`: the gateway of this process. */
export function gatewayServer(options: NetworkOptions): ResourceServer {
  return {
    check: (next, former) => judgeGateway(options, next, former),
    apply: change => applyChange(options, change),
    view: async resource => gatewayView(resource),
    action: call => gatewayAction(options, call),
  }
}

async function applyChange(options: NetworkOptions, change: ResourceChange): Promise<void> {
  switch (change.type) {
    case 'put':
      return run(options, change.next)
    case 'remove':
      return end(options, change.former)
    default:
      return change satisfies never
  }
}

/** While it goes on, its virtual network and its public addresses stay as they are: what is in force is what both resources say. */
async function run(options: NetworkOptions, next: ServedResource): Promise<void> {
  const { gateway, resources } = options
  const relies = [...networkIdsOf(next.body), ...publicAddressIdsOf(next.body)]
  await resources.changing(relies, async () => {
    judgeBehind(options, next.id)
    const running = gateway.present()?.resource.id
    // Of two that were judged at the same time the second one learns here that it is the second.
    if (running !== undefined && !isSameId(running, next.id)) throw anotherGateway(running)
    const network = await networkOf(options, next.body)
    await asked(() => gateway.apply({ resource: gatewayOf(next), ...(network && { network }) }))
    // A gateway that ran under this id before has left its connections.
    if (running === undefined) await options.rejoin()
    // It may have another identity, by which the vault is read.
    gateway.certificatesChanged()
  })
}

/** A gateway that never ran, or that another one has followed, takes nothing with it. */
async function end(options: NetworkOptions, former: ServedResource): Promise<void> {
  await options.resources.changing([], async () => {
    judgeBehind(options, former.id)
    if (inForce(options, former.id)) await asked(() => options.gateway.apply(undefined))
  })
}
