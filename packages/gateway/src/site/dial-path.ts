import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import type { Path } from '@causeway/ikev2'
import { formatIpAddress, type IpAddress, parseIpAddress, sameIpAddress } from '@causeway/wire'
import type { PortDirectory } from '../ikev2/ike-ports.ts'
import type { OpenPort } from '../listener/open-port.ts'

/** What is known of the machine's addresses. */
export interface MachineAddresses {
  /** The address that packets to this one leave from. `undefined`: there is no route. */
  localTo(remote: IpAddress): Promise<IpAddress | undefined>
  /** Whether an interface has it. */
  has(address: IpAddress): boolean
}

/** How a dial goes. */
export interface DialPath {
  readonly path: Path
  /** Where to go on when there is a NAT. */
  readonly encapsulatedPath?: Path
}

/** UDP ports of IKE at peers (RFC 7296 §2, RFC 3948). */
const IKE_PORT = 500
const NAT_PORT = 4_500

/** The way to a peer from the gateway's own listeners. A text: why there is none. */
export async function dialPath(
  remote: IpAddress,
  publicAddress: IpAddress | undefined,
  directory: PortDirectory,
  machine: MachineAddresses,
): Promise<DialPath | string> {
  const ports = ikePorts(directory, remote.family)
  if (ports.length === 0) return `the gateway listens on no IKE port of IPv${remote.family}: UDP 500 and 4500`
  const local = await localAddress(remote, publicAddress, ports, machine)
  if (!local) return `the machine has no route to ${formatIpAddress(remote)}`
  const plain = pathBy(ikePorts(directory, remote.family), 'ike', local, remote)
  const encapsulated = pathBy(ikePorts(directory, remote.family), 'ike-esp', local, remote)
  if (plain) return { path: plain, ...(encapsulated && { encapsulatedPath: encapsulated }) }
  return encapsulated ? { path: encapsulated } : `no IKE port of the gateway has ${formatIpAddress(local)}`
}

/** Our public address where it is the machine's own; else what the route to the peer has. */
async function localAddress(
  remote: IpAddress,
  publicAddress: IpAddress | undefined,
  ports: readonly OpenPort[],
  machine: MachineAddresses,
): Promise<IpAddress | undefined> {
  const bound = ports.map(({ local }) => local.address).filter(address => !isAny(address))
  const isBound = (address: IpAddress): boolean => bound.some(other => sameIpAddress(other, address))
  const [isOnAny, [onlyBound]] = [bound.length < ports.length, bound]
  if (publicAddress?.family === remote.family) {
    if (isBound(publicAddress) || (isOnAny && machine.has(publicAddress))) return publicAddress
  }
  if (!isOnAny && onlyBound && bound.every(other => sameIpAddress(other, onlyBound))) return onlyBound
  const routed = await machine.localTo(remote)
  return !routed || isOnAny || isBound(routed) ? routed : onlyBound
}

function pathBy(
  ports: readonly OpenPort[],
  service: 'ike' | 'ike-esp',
  local: IpAddress,
  remote: IpAddress,
): Path | undefined {
  const open = ports.find(each => each.service === service && serves(each.local.address, local))
  return (
    open && {
      port: open.port,
      local: { address: local, port: open.local.port },
      remote: { address: remote, port: service === 'ike' ? IKE_PORT : NAT_PORT },
      encapsulated: service === 'ike-esp',
    }
  )
}

function ikePorts(directory: PortDirectory, family: 4 | 6): readonly OpenPort[] {
  return directory
    .openPorts()
    .filter(
      ({ service, local }) => (service === 'ike' || service === 'ike-esp') && local.address.family === family,
    )
}

function serves(bound: IpAddress, address: IpAddress): boolean {
  return isAny(bound) || sameIpAddress(bound, address)
}

function isAny({ bytes }: IpAddress): boolean {
  return bytes.every(byte => byte === 0)
}

/** A connected UDP socket has the address that the kernel would send from. Nothing is sent. */
export const systemAddresses: MachineAddresses = {
  async localTo(remote) {
    const socket = createSocket(remote.family === 4 ? 'udp4' : 'udp6')
    try {
      const connected = once(socket, 'connect')
      socket.connect(IKE_PORT, formatIpAddress(remote))
      await connected
      return parseIpAddress(socket.address().address)
    } catch {
      // No route, or no such family on this machine.
      return undefined
    } finally {
      socket.close()
    }
  },
  has(address) {
    const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
    return own.some(({ address: text }) => text.split('%')[0] === formatIpAddress(address))
  },
}
