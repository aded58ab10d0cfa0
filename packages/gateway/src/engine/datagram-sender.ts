import type { Datapath, OutgoingDatagram, PortId } from '@causeway/datapath'

/** Gathers datagrams until `flush`, to send them in one call a port. */
export class DatagramSender {
  readonly #datapath: Datapath
  readonly #gathered = new Map<PortId, OutgoingDatagram[]>()
  readonly #closedPorts = new Set<PortId>()

  constructor(datapath: Datapath) {
    this.#datapath = datapath
  }

  send(port: PortId, datagram: OutgoingDatagram): void {
    if (this.#closedPorts.has(port)) return
    const datagrams = this.#gathered.get(port)
    if (datagrams) datagrams.push(datagram)
    else this.#gathered.set(port, [datagram])
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
