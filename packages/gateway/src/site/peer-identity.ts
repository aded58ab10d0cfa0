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

/** What is known of a peer that has only claimed to be somebody. */
export interface PeerClaim {
  readonly identification: Identification
  /** The connection of the address that it comes from, where that is one alone. */
  readonly label: string | undefined
  readonly from: IpAddress
}

/**
 * The connection that a peer with a shared key says it is. A claim: the secret proves it. A name decides first, since
 * whoever has one may come from the address of another connection. An address decides after that: devices behind NATs
 * have the same ones.
 */
export function connectionOfIdentity(
  connections: readonly LiveConnection[],
  { identification, label, from }: PeerClaim,
): LiveConnection | undefined {
  const labelled = connections.find(({ id }) => id === label)
  const named = connections.filter(({ configuration }) => isNamed(configuration, identification))
  const byName = named.filter(({ configuration: { remote } }) => remote.type === 'name')
  if (labelled && byName.includes(labelled)) return labelled
  const claimed = byName[0] ?? labelled ?? named[0]
  if (claimed) return claimed
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
