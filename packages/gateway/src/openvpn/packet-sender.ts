import type { Datapath, OutgoingDatagram, PortId } from '@causeway/datapath'
import type { Path } from '@causeway/openvpn'

/**
 * Sends control packets. Those for UDP are gathered until `flush`, to go down in one call a port;
 * those for streams go down at once, to keep their order with what else is done to the stream.
 */
export class PacketSender {
  readonly #datapath: Datapath
  readonly #gathered = new Map<PortId, OutgoingDatagram[]>()
  readonly #closedPorts = new Set<PortId>()

  constructor(datapath: Datapath) {
    this.#datapath = datapath
  }

  send(path: Path, bytes: Uint8Array): void {
    if (path.type === 'stream') {
      this.#datapath.streamControl(path.stream, [bytes])
      return
    }
    if (this.#closedPorts.has(path.port)) return
    const datagrams = this.#gathered.get(path.port)
    const datagram = { remote: path.remote, bytes }
    if (datagrams) datagrams.push(datagram)
    else this.#gathered.set(path.port, [datagram])
  }

  /** The port is about to close: what a session that is just ending still has for it is dropped. */
  forgetPort(port: PortId): void {
    this.#closedPorts.add(port)
    this.#gathered.delete(port)
  }

  flush(): void {
    if (this.#gathered.size === 0) return
    for (const [port, datagrams] of this.#gathered) this.#datapath.sendDatagrams(port, datagrams)
    this.#gathered.clear()
  }
}
