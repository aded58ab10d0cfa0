import { ipAddress, ipAddressFromInteger, ipAddressToInteger } from '@causeway/wire'
import { ipVersion, word } from './memory-inner-packet.ts'
import type { NatEnd } from './memory-nat-rules.ts'
import { upperLayer } from './memory-upper-layer.ts'

/** What translation looks at. */
export interface NatPacket {
  readonly family: 4 | 6
  readonly protocol: number
  /**
   * What stands behind the addresses. `report`: an ICMP error. `hidden`: ports, perhaps, that this packet does not
   * show.
   */
  readonly kind: 'ports' | 'echo' | 'report' | 'other' | 'hidden'
  readonly tcpFlags: number
  /** It may begin a session by what it is. */
  readonly begins: boolean
  readonly source: NatEnd
  readonly destination: NatEnd
  /** Where the transport begins; absent in a later fragment. */
  readonly offset: number | undefined
  /** A fragment that is not the first. */
  readonly isLater: boolean
  readonly fragment: number | undefined
  readonly segmentsLeft: boolean
}

const ICMP = 1
const TCP = 6
const UDP = 17
const DCCP = 33
const ICMPV6 = 58
const UDP_LITE = 136
const IPV4_CHECKSUM = 10
const ICMP_CHECKSUM = 2
const ICMP_IDENTIFIER = 4
const TCP_FLAGS = 13
/** Echo request and reply. */
const ECHOES = { 4: [8, 0], 6: [128, 129] } as const
/** RFC 792; of ICMPv6 all below 128 (RFC 4443 §2.1). */
const ICMP_ERRORS = [3, 4, 5, 11, 12]
const FIRST_ICMPV6_QUERY = 128

/** Reads ends and ports of a packet whose addresses are whole; behind them it may be cut short. */
export function readNatPacket(bytes: Uint8Array): NatPacket {
  const { protocol, offset, segmentsLeft = false, fragment } = upperLayer(bytes)
  const family = ipVersion(bytes) === 4 ? 4 : 6
  const transport = offset === undefined ? undefined : bytes.subarray(offset)
  const [source, destination] = addressPlaces(family).map(([from, to]) => {
    return ipAddressToInteger(ipAddress(bytes.subarray(from, to)))
  }) as [bigint, bigint]
  const base = { family, protocol, offset, isLater: !transport, fragment, segmentsLeft } as const
  const seen = readTransport(family, protocol, transport)
  return {
    ...base,
    kind: seen.kind,
    tcpFlags: seen.tcpFlags ?? 0,
    begins: seen.begins ?? false,
    source: { address: source, port: seen.ports?.[0] ?? 0 },
    destination: { address: destination, port: seen.ports?.[1] ?? 0 },
  }
}

interface Transport {
  readonly kind: NatPacket['kind']
  readonly ports?: readonly [number, number]
  readonly tcpFlags?: number
  readonly begins?: boolean
}

function readTransport(family: 4 | 6, protocol: number, transport: Uint8Array | undefined): Transport {
  if (!transport) return { kind: 'hidden' }
  if (protocol === TCP || protocol === UDP) {
    if (transport.length < 4) return { kind: 'hidden' }
    const tcpFlags = protocol === TCP ? (transport[TCP_FLAGS] ?? 0) : 0
    return { kind: 'ports', ports: [word(transport, 0), word(transport, 2)], tcpFlags, begins: true }
  }
  if (protocol !== (family === 4 ? ICMP : ICMPV6)) return { kind: 'other' }
  const type = transport[0]
  if (type === undefined) return { kind: 'hidden' }
  if (family === 4 ? ICMP_ERRORS.includes(type) : type < FIRST_ICMPV6_QUERY) return { kind: 'report' }
  if (transport.length < ICMP_IDENTIFIER + 2) return { kind: 'hidden' }
  const [request, reply] = ECHOES[family]
  if (type !== request && type !== reply) return { kind: 'other' }
  const identifier = word(transport, ICMP_IDENTIFIER)
  return { kind: 'echo', ports: [identifier, identifier], begins: type === request }
}

/**
 * The packet with other ends, and all checksums that cover what has changed. `body`: `cut` where a checksum may be
 * missing, as in a quotation; or what else has changed under the transport's. `undefined`: the checksum is in another
 * fragment.
 */
export function writeNatPacket(
  bytes: Uint8Array,
  before: NatPacket,
  after: NatPacket,
  body?: 'cut' | { readonly before: Uint8Array; readonly after: Uint8Array },
): Uint8Array | undefined {
  const { family, protocol, offset, kind } = before
  const written = bytes.slice()
  for (const [i, [from]] of addressPlaces(family).entries()) {
    const end = i === 0 ? after.source : after.destination
    written.set(ipAddressFromInteger(family, end.address).bytes, from)
  }
  const addresses = addressPlaces(family).map(([from, to]) =>
    [bytes, written].map(all => all.subarray(from, to)),
  )
  const changes = addresses.map(([old, now]) => wordSum(now as Uint8Array) - wordSum(old as Uint8Array))
  const addressChange = (changes[0] as number) + (changes[1] as number)
  if (family === 4) adjust(written, IPV4_CHECKSUM, addressChange)
  if (offset === undefined) return written
  const inner = typeof body === 'object' ? wordSum(body.after) - wordSum(body.before) : 0
  const ports = writePorts(written, offset, before, after)
  const at = checksumPlace(family, protocol)
  if (at === undefined) return written
  if (offset + at + 2 > bytes.length) return body === 'cut' ? written : undefined
  // ICMP's alone leaves the addresses out.
  const change = (protocol === ICMP ? 0 : addressChange) + inner + ports
  const isNone = protocol === UDP && word(written, offset + at) === 0
  if (!isNone && (kind !== 'hidden' || change !== 0)) adjust(written, offset + at, change)
  // RFC 768: zero means "none", so a computed zero is sent as all ones.
  if (protocol === UDP && !isNone && word(written, offset + at) === 0) setWord(written, offset + at, 0xffff)
  return written
}

/** Gives by how much the sum of words has changed. */
function writePorts(bytes: Uint8Array, offset: number, before: NatPacket, after: NatPacket): number {
  if (after.kind === 'ports') {
    setWord(bytes, offset, after.source.port)
    setWord(bytes, offset + 2, after.destination.port)
    return after.source.port + after.destination.port - before.source.port - before.destination.port
  }
  if (after.kind !== 'echo') return 0
  setWord(bytes, offset + ICMP_IDENTIFIER, after.source.port)
  return after.source.port - before.source.port
}

/** In the transport's header; absent where none covers anything that is translated. */
function checksumPlace(family: 4 | 6, protocol: number): number | undefined {
  if (protocol === TCP) return 16
  if (protocol === UDP || protocol === UDP_LITE || protocol === DCCP) return 6
  return protocol === (family === 4 ? ICMP : ICMPV6) ? ICMP_CHECKSUM : undefined
}

/** Source and destination, from and to. */
function addressPlaces(family: 4 | 6): readonly (readonly [number, number])[] {
  return family === 4
    ? [
        [12, 16],
        [16, 20],
      ]
    : [
        [8, 24],
        [24, 40],
      ]
}

/** The sum of 16-bit words; a last odd byte counts as the high one. */
function wordSum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, i) => sum + (i % 2 === 0 ? byte << 8 : byte), 0)
}

/** RFC 1624, eqn. 3, for a change of the sum by any amount. */
function adjust(bytes: Uint8Array, at: number, change: number): void {
  if (change === 0) return
  const sum = (~word(bytes, at) & 0xffff) + (((change % 0xffff) + 0xffff) % 0xffff)
  setWord(bytes, at, ~((sum & 0xffff) + (sum >> 16)) & 0xffff)
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value & 0xff
}
