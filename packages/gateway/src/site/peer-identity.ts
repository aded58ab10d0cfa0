import {
  addressIdentification,
  type Identification,
  nameIdentification,
  type Path,
  sameIdentification,
} from '@causeway/ikev2'
import { type IpAddress, sameIpAddress } from '@causeway/wire'
import type { LiveConnection } from './live-connection.ts'
import type { SiteConnection, SiteTunnel } from './site-configuration.ts'

/**
 * The connection that a peer with a shared key says it is: the one whose remote address or name is its identity, else
 * the one whose remote address it comes from. A claim: the secret proves it.
 */
export function connectionOfIdentity(
  connections: readonly LiveConnection[],
  identification: Identification,
  from: IpAddress,
): LiveConnection | undefined {
  const named = connections.find(({ configuration }) => isNamed(configuration, identification))
  if (named) return named
  return connections.find(
    ({ configuration: { remote } }) => remote.type === 'address' && sameIpAddress(remote.address, from),
  )
}

function isNamed({ remote }: SiteConnection, identification: Identification): boolean {
  if (remote.type === 'address') {
    const { address } = remote
    return sameIdentification(identification, addressIdentification(address))
  }
  const { name } = remote
  if (identification.type !== 'ID_FQDN') return false
  return (
    sameIdentification(identification, nameIdentification(name)) ||
    Buffer.from(identification.data).toString('latin1').toLowerCase() === name.toLowerCase()
  )
}

/** The tunnel that a peer comes by: that of the address it came to or asks for by IDr, else the first. */
export function tunnelOf(
  { tunnels }: SiteConnection,
  { path, wanted }: { readonly path: Path; readonly wanted: Identification | undefined },
): SiteTunnel | undefined {
  const byAddress = tunnels.find(
    ({ publicAddress }) => publicAddress && sameIpAddress(publicAddress, path.local.address),
  )
  const byName = tunnels.find(
    ({ publicAddress }) =>
      publicAddress && wanted && sameIdentification(wanted, addressIdentification(publicAddress)),
  )
  return byAddress ?? byName ?? tunnels[0]
}
