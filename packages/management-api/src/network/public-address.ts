import { parseIpAddress } from '@causeway/wire'
import { type Body, propertiesOf } from '../resources/document.ts'
import type { NetworkOptions } from './network-options.ts'

/** As it was put; else the first address of its family by which the installation is reached. */
export function publicAddressOf(
  { gateway }: Pick<NetworkOptions, 'gateway'>,
  body: Body,
): string | undefined {
  const { ipAddress } = propertiesOf(body)
  if (typeof ipAddress === 'string') return ipAddress
  const family = familyOf(body)
  return gateway.settings().hostNames?.find(name => parseIpAddress(name)?.family === family)
}

/** The family that a public IP address is of. */
export function familyOf(body: Body): 4 | 6 {
  const { publicIPAddressVersion: version } = propertiesOf(body)
  return version === 'IPv6' ? 6 : 4
}
