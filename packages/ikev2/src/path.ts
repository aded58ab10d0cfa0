import type { Endpoint } from '@causeway/wire'

/** The way IKE messages come and go. The non-ESP marker of port 4500 is put on and taken off outside. */
export interface Path {
  /** The driver's name for its socket. */
  readonly port: number
  /** Our own address and UDP port, as the peer sees them when there is no NAT. */
  readonly local: Endpoint
  readonly remote: Endpoint
  /** A port shared with ESP in UDP (4500, RFC 3948). */
  readonly encapsulated: boolean
}

/** Whether both name the same socket, addresses and ports. */
export function samePath(a: Path, b: Path): boolean {
  return a.port === b.port && sameEnd(a.remote, b.remote) && sameEnd(a.local, b.local)
}

function sameEnd(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address.bytes.every((byte, i) => byte === b.address.bytes[i])
}
