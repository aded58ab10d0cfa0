import { propertiesOf } from '../../resources/document.ts'
import {
  type ResourceChange,
  ResourceServerError,
  type ServedResource,
} from '../../resources/resource-server.ts'
import { asked, inForce, judgeBehind } from '../gateway-resource.ts'
import type { NetworkOptions } from '../network-options.ts'
import { connectionResource, endAt, GATEWAY_PATH, SITE_PATH } from './connection-peer.ts'
import { certificateAdvice } from './sku-advice.ts'

/** Has the running gateway follow a change of a connection; others stay as they are. */
export async function applyConnectionChange(options: NetworkOptions, change: ResourceChange): Promise<void> {
  switch (change.type) {
    case 'put':
      return run(options, change.next)
    case 'remove':
      return end(options, change.former)
    default:
      return change satisfies never
  }
}

/** While it goes on, its gateway with the NAT rules and its site stay as they are. */
async function run(options: NetworkOptions, next: ServedResource): Promise<void> {
  const { gateway, resources, log } = options
  const gatewayId = endAt(next, GATEWAY_PATH) ?? ''
  const relies = [gatewayId, endAt(next, SITE_PATH)].filter(id => id !== undefined)
  await resources.changing(relies, async () => {
    judgeBehind(options, next.id)
    const running = inForce(options, gatewayId)
    if (!running)
      throw new ResourceServerError(
        'Conflict',
        `The gateway ${gatewayId} does not run. Put it again without what its last operation names, and then the connection.`,
        GATEWAY_PATH,
      )
    const resource = await connectionResource(resources, next)
    await asked(() => gateway.applyConnection(resource))
    const advice = certificateAdvice(running.resource, propertiesOf(next.body))
    if (advice !== undefined) log.warn({ connection: next.id }, advice)
  })
}

/** A connection that never ran takes nothing with it. */
async function end({ gateway, resources }: NetworkOptions, former: ServedResource): Promise<void> {
  await resources.changing([], () => asked(() => gateway.removeConnection(former.id)))
}
