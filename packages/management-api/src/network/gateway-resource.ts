import {
  formatResourceId,
  isSameResource,
  parentOf,
  parseResourceId,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import { CommandError, errorBody, type GatewayResource } from '@causeway/gateway'
import { type Body, propertiesOf } from '../resources/document.ts'
import { ResourceServerError, type ServedResource } from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import type { NetworkOptions } from './network-options.ts'

/** A gateway's resource as the running gateway takes it. */
export function gatewayOf({ id, name, type, guid, body }: ServedResource): VirtualNetworkGateway {
  const resourceGuid = guid === '' ? {} : { resourceGuid: guid }
  const whole = { ...body, id, name, type, properties: { ...propertiesOf(body), ...resourceGuid } }
  // Its shape was checked when it was put.
  return whole as unknown as VirtualNetworkGateway
}

/** Whether two ids, where there are two, are of one resource. */
export function isSameId(one: string | undefined, other: string | undefined): boolean {
  const [first, second] = [one, other].map(text => (text === undefined ? undefined : parseResourceId(text)))
  return first?.type === 'good' && second?.type === 'good' && isSameResource(first.id, second.id)
}

/** Ids of the virtual networks that a gateway's IP configurations are in, each once. */
export function networkIdsOf(body: Body): readonly string[] {
  const ids = entriesAt(body, 'properties.ipConfigurations').flatMap(entry => {
    const text = valueAt(entry, 'properties.subnet.id')
    const read = typeof text === 'string' ? parseResourceId(text) : undefined
    const parent = read?.type === 'good' ? parentOf(read.id) : undefined
    return parent?.type === 'resource' ? [formatResourceId(parent)] : []
  })
  return ids.filter((id, i) => ids.findIndex(other => isSameId(other, id)) === i)
}

/** The texts of a list at a path. */
export function textsAt(body: Body, path: string): readonly string[] {
  const list = valueAt(body, path)
  return Array.isArray(list) ? list.filter(text => typeof text === 'string') : []
}

/** What is in force of a gateway; `undefined`: it is not what runs. */
export function inForce(
  { gateway }: Pick<NetworkOptions, 'gateway'>,
  id: string,
): GatewayResource | undefined {
  const present = gateway.present()
  return present && isSameId(present.resource.id, id) ? present : undefined
}

/**
 * Has the running gateway do something. Errors: `ResourceServerError` with what it says; its own defects as they are.
 */
export async function asked<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const { code, message } = errorBody(error)
    if (code === 'InternalServerError') throw error
    const [first] = error instanceof CommandError ? error.details : []
    throw new ResourceServerError(code, message, first?.target)
  }
}

/** Errors: `Conflict` while the resource does not say yet what a command of the operator has made of the gateway. */
export function judgeBehind({ isBehind }: Pick<NetworkOptions, 'isBehind'>, id: string): void {
  if (!isBehind()) return
  throw new ResourceServerError(
    'Conflict',
    'The gateway was changed by a command meanwhile. Read it again, and repeat the change.',
    id,
  )
}

/** Errors: `Conflict` where the gateway is not what runs. */
export function judgeRunning(options: Pick<NetworkOptions, 'gateway'>, id: string): void {
  if (inForce(options, id)) return
  throw new ResourceServerError(
    'Conflict',
    'This gateway does not run: it could not be applied. Put it again without what its last operation names.',
    id,
  )
}
