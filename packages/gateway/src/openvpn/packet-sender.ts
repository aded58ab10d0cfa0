import type { Datapath, PortId } from '@causeway/datapath'
import type { Path } from '@causeway/openvpn'
import { DatagramSender } from '../engine/datagram-sender.ts'

/**
 * Sends control packets. Those for UDP are gathered until `flush`; those for streams go down at once, to
 * keep their order with what else is done to the stream.
 */
export class PacketSender {
  readonly #datapath: Datapath
  readonly #datagrams: DatagramSender

  constructor(datapath: Datapath) {
    this.#datapath = datapath
    this.#datagrams = new DatagramSender(datapath)
  }

  send(path: Path, bytes: Uint8Array): void {
    if (path.type === 'stream') this.#datapath.streamControl(path.stream, [bytes])
    else
      this.#datagrams.send(path.port, {
        remote: path.remote,
        ...(path.local && { local: path.local }),
        bytes,
      })
  }

  /** The port is about to close: what a session that is just ending still has for it is dropped. */
  forgetPort(port: PortId): void {
    this.#datagrams.forgetPort(port)
  }

  flush(): void {
    this.#datagrams.flush()
  }
}
