import type { FlowPath, PortId } from '@causeway/datapath'
import type { FlowWay, Path } from '@causeway/ikev2'
import { type Endpoint, type IpAddress, sameEndpoint } from '@causeway/wire'
import type { OpenPort } from '../listener/open-port.ts'

/** What is known of the gateway's ports: see `ListenerSet`. */
export interface PortDirectory {
  openPorts(): readonly OpenPort[]
}

/** The ports of IKE and ESP, and the paths over them. */
export class IkePorts {
  readonly #directory: PortDirectory
  /** Where the last datagram of each port came to: nearly always the same address, which all its sessions hold. */
  readonly #locals = new Map<PortId, Endpoint>()

  constructor(directory: PortDirectory) {
    this.#directory = directory
  }

  /** The way by which a datagram came, or `undefined` when the port is none of IKE's, or gone. */
  pathOf(port: PortId, remote: Endpoint, local: IpAddress): Path | undefined {
    const open = this.#find(port)
    if (!open || open.service === 'openvpn' || open.service === 'shared') return undefined
    return {
      port,
      local: this.#localOf(port, { address: local, port: open.local.port }),
      remote,
      encapsulated: open.service === 'ike-esp',
    }
  }

  /**
   * Where ESP goes: in UDP over the IKE path's own port, or raw over the ESP port of its address. Errors:
   * `Error` when there is no such port, which the terms keep from happening (`forceEncapsulation`).
   */
  flowPath({ path, encapsulated }: FlowWay): FlowPath {
    const local = path.local.address
    if (encapsulated) return { type: 'udp', port: path.port, remote: path.remote, local }
    const esp = this.#directory.openPorts().find(open => open.service === 'esp' && serves(open.local, local))
    if (!esp) throw new Error('no port for raw ESP is open')
    return { type: 'udp', port: esp.port, remote: { address: path.remote.address, port: 0 }, local }
  }

  #localOf(port: PortId, local: Endpoint): Endpoint {
    const known = this.#locals.get(port)
    if (known && sameEndpoint(known, local)) return known
    this.#locals.set(port, local)
    return local
  }

  #find(port: PortId): OpenPort | undefined {
    return this.#directory.openPorts().find(open => open.port === port)
  }
}

function serves(bound: Endpoint, address: IpAddress): boolean {
  if (bound.address.family !== address.family) return false
  const isAny = bound.address.bytes.every(byte => byte === 0)
  return isAny || bound.address.bytes.every((byte, i) => byte === address.bytes[i])
}
