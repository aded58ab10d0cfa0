import { isDeepStrictEqual } from 'node:util'
import { type DocumentFault, formatDocumentFault } from '@causeway/api-contract'
import type { GatewayResource } from '@causeway/gateway'
import type { Body } from '../resources/document.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import { networkOf } from './gateway-network.ts'
import { asked, judgeBehind } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** Whether a gateway's body names a resource around it. */
export type IsAround = (gateway: Body, next: ServedResource) => boolean

/** What the gateway that runs says of a resource around it that is right by itself. */
export async function judgeAround(
  options: NetworkOptions,
  isAround: IsAround,
  next: ServedResource,
  path: string,
): Promise<readonly DocumentFault[]> {
  const wanted = await withChanged(options, isAround, next)
  if (!wanted) return []
  const faults = await asked(async () => options.gateway.check(wanted))
  const name = wanted.resource.name ?? ''
  return faults.map(fault => ({
    path,
    problem: `the gateway ${name} cannot go on with it: ${formatDocumentFault(fault)}`,
    remedy: 'change the gateway first, or give another value',
  }))
}

/** The gateway that runs has what is around it, and so have its connections. */
export async function applyAround(
  options: NetworkOptions,
  isAround: IsAround,
  next: ServedResource,
): Promise<void> {
  const { gateway, resources } = options
  await resources.changing([], async () => {
    const wanted = await withChanged(options, isAround, next)
    if (!wanted || isDeepStrictEqual(wanted.network, gateway.present()?.network)) return
    judgeBehind(options, next.id)
    await asked(() => gateway.apply(wanted))
  })
}

/** What runs, with this resource around it. `undefined`: it does not name it. */
async function withChanged(
  options: NetworkOptions,
  isAround: IsAround,
  next: ServedResource,
): Promise<GatewayResource | undefined> {
  const { resource } = options.gateway.present() ?? {}
  const body = resource as unknown as Body | undefined
  if (!resource || !body || !isAround(body, next)) return undefined
  const network = await networkOf(options, body, next)
  return { resource, ...(network && { network }) }
}
