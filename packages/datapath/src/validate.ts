import type { Endpoint, IpAddress, IpPrefix } from '@causeway/wire'
import type {
  DatapathOptions,
  DatapathSettings,
  OutgoingDatagram,
  PortOptions,
  Route,
  RouteChange,
  StreamOptions,
  StreamTls,
  TunOptions,
} from './datapath.ts'
import { DatapathError } from './datapath-error.ts'
import type { EspFlowOptions, FlowOptions, FlowPath, OpenVpnFlowOptions, SstpFlowOptions } from './flow.ts'
import type { KeyId } from './ids.ts'

/*
 * Every argument of the interface is checked here, once for both implementations, before it
 * reaches state or C++. Whether an id exists is for the owner of the state to say.
 *
 * Errors of every function: DatapathError `ERR_DATAPATH_ARGUMENT`, naming the argument.
 */

/** Most worker threads of one datapath. */
export const MAX_WORKERS = 16
/** Inner MTU: IPv6 needs 1280 (RFC 8200 §5); above 9000 there is no path to fill. */
export const MTU_RANGE: { readonly min: number; readonly max: number } = { min: 1280, max: 9000 }
/** IFNAMSIZ less its terminator. */
const MAX_INTERFACE_NAME = 15
/** Largest UDP payload over IPv4, 65535 less the IP and UDP headers. */
const MAX_DATAGRAM = 65507
/** A frame's 16-bit length. */
const MAX_FRAME = 0xffff
/** Largest in-band payload: it must fit the smallest inner MTU. */
const MAX_INBAND = 1280
/** The smallest packet every IPv4 host takes (RFC 791); less would leave TCP no segment. */
const MIN_CLAMP = 576
const MAX_CLAMP = 0xffff
/** 0xffffff means "no peer-id" on the wire. */
const MAX_PEER_ID = 0xfffffe
const SECONDS_PER_DAY = 86_400
/** What ESP may take as its inner MTU: the smallest that IPv4 knows, to the largest that TUN has. */
const INNER_MTU_RANGE = { min: 576, max: MTU_RANGE.max }
/** An SSTP packet has at most 4095 bytes ([MS-SSTP] §2.2.1), of which its header and PPP's take 8. */
const MAX_SSTP_MTU = 4087
/** Ours. */
const MAX_METRIC = 0xffff
/** An SPI has 32 bits. */
const MAX_KEY_ID = 0xffffffff

const PORT_PROTOCOLS = ['openvpn', 'ike', 'ike-esp', 'esp']

/** Checks how a datapath is made. */
export function validateDatapathOptions(options: DatapathOptions): void {
  requireObject('options', options)
  requireInteger('workers', options.workers, 1, MAX_WORKERS)
  if (typeof options.onEvents !== 'function') refuse('onEvents', 'must be a function')
}

export function validateTunOptions(options: TunOptions): void {
  requireObject('options', options)
  requireInterfaceName(options.name)
  requireInteger('mtu', options.mtu, MTU_RANGE.min, MTU_RANGE.max)
}

export function validatePortOptions(options: PortOptions): void {
  requireObject('options', options)
  requireAddress('address', options.address)
  requireInteger('port', options.port, 0, 0xffff)
  if (!PORT_PROTOCOLS.includes(options.protocol))
    refuse('protocol', `must be one of ${PORT_PROTOCOLS.join(', ')}`)
  if (options.protocol === 'esp' && options.port !== 0) refuse('port', "must be 0 with protocol 'esp'")
}

export function validateDatagrams(datagrams: readonly OutgoingDatagram[]): void {
  if (!Array.isArray(datagrams)) refuse('datagrams', 'must be an array')
  for (const datagram of datagrams as readonly OutgoingDatagram[]) {
    requireObject('datagram', datagram)
    requireEndpoint('remote', datagram.remote, 1)
    requireLocal(datagram.local, datagram.remote)
    requireBytes('bytes', datagram.bytes, 1, MAX_DATAGRAM)
  }
}

export function validateStreamOptions(options: StreamOptions): void {
  requireObject('options', options)
  if (options.framing !== 'openvpn' && options.framing !== 'sstp')
    refuse('framing', "must be 'openvpn' or 'sstp'")
  if (options.recordPerPacket !== undefined && typeof options.recordPerPacket !== 'boolean')
    refuse('recordPerPacket', 'must be a boolean')
}

/** A chunk from a stream: any length, cut anywhere. */
export function validateChunk(chunk: Uint8Array): void {
  if (!(chunk instanceof Uint8Array)) refuse('chunk', 'must be a Uint8Array')
}

/** A TLS connection for {@link Datapath.attachTls}. */
export function validateStreamTls(tls: StreamTls): void {
  requireObject('tls', tls)
  for (const method of ['input', 'write', 'end', 'close', 'release'] as const)
    if (typeof tls[method] !== 'function') refuse('tls', `must have the method ${method}`)
}

export function validateDescriptor(descriptor: number): void {
  requireInteger('descriptor', descriptor, 0, 0x7fffffff)
}

/** Control packets for a stream: each must fit a frame. */
export function validateControlPackets(packets: readonly Uint8Array[]): void {
  if (!Array.isArray(packets)) refuse('packets', 'must be an array')
  for (const packet of packets as readonly Uint8Array[]) requireBytes('packet', packet, 1, MAX_FRAME)
}

export function validateFlowOptions(options: FlowOptions): void {
  requireObject('options', options)
  validateFlowPath(options.path)
  requireInteger('clampBytes', options.clampBytes, MIN_CLAMP, MAX_CLAMP)
  requireInteger('idleTimeoutSeconds', options.idleTimeoutSeconds, 0, SECONDS_PER_DAY)
  if (options.protocol === 'esp') validateEspFlow(options)
  else if (options.protocol === 'sstp') validateSstpFlow(options)
  else validateOpenVpnFlow(options)
}

/** Whether the path's port carries the flow is for the owner of the ports to say. */
export function validateFlowPath(path: FlowPath): void {
  requireObject('path', path)
  switch (path.type) {
    case 'udp':
      requireId('port', path.port)
      requireEndpoint('remote', path.remote, 0)
      requireLocal(path.local, path.remote)
      return
    case 'stream':
      requireId('stream', path.stream)
      return
    default:
      path satisfies never
      refuse('path', "has type 'udp' or 'stream'")
  }
}

/** A key id of either protocol, to look up. */
export function validateKeyId(keyId: KeyId): void {
  requireInteger('keyId', keyId, 0, MAX_KEY_ID)
}

/** A payload for {@link Datapath.sendInband}. */
export function validateInband(payload: Uint8Array): void {
  requireBytes('payload', payload, 1, MAX_INBAND)
}

export function validateRouteChanges(changes: readonly RouteChange[]): void {
  if (!Array.isArray(changes)) refuse('changes', 'must be an array')
  for (const change of changes as readonly RouteChange[]) {
    requireObject('change', change)
    requireRoute(change)
    switch (change.type) {
      case 'add':
        requireId('flow', change.flow)
        break
      case 'remove':
        break
      default:
        change satisfies never
        refuse('change', "has type 'add' or 'remove'")
    }
  }
}

const TRANSIT_SETTINGS = ['clientToClient', 'clientToSite', 'siteToClient', 'siteToSite'] as const
/** Bytes a second; ours: more than any machine carries. */
const THROUGHPUT_LIMIT = 1e12

export function validateSettings(settings: DatapathSettings): void {
  requireObject('settings', settings)
  for (const name of TRANSIT_SETTINGS)
    if (settings[name] !== undefined && typeof settings[name] !== 'boolean') refuse(name, 'must be a boolean')
  const { throughputBytesPerSecond } = settings
  if (throughputBytesPerSecond !== undefined)
    requireInteger('throughputBytesPerSecond', throughputBytesPerSecond, 0, THROUGHPUT_LIMIT)
}

/** Throws the error for a bad argument. */
export function refuse(argument: string, rule: string): never {
  throw new DatapathError('ERR_DATAPATH_ARGUMENT', `${argument} ${rule}`)
}

export function requireObject(argument: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) refuse(argument, 'must be an object')
}

export function requireInteger(argument: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    refuse(argument, `must be a whole number from ${min} to ${max}`)
}

export function requireBytes(argument: string, value: Uint8Array, min: number, max: number): void {
  if (!(value instanceof Uint8Array)) refuse(argument, 'must be a Uint8Array')
  if (value.length < min || value.length > max) refuse(argument, `must have ${min} to ${max} bytes`)
}

function validateOpenVpnFlow(options: OpenVpnFlowOptions): void {
  const { protocol, peerId } = options
  if (protocol !== undefined && protocol !== 'openvpn')
    refuse('protocol', "must be 'openvpn', 'esp' or 'sstp'")
  if (peerId !== undefined) requireInteger('peerId', peerId, 0, MAX_PEER_ID)
  requireInteger('pingIntervalSeconds', options.pingIntervalSeconds, 0, SECONDS_PER_DAY)
}

function validateSstpFlow(options: SstpFlowOptions): void {
  if (options.path.type !== 'stream') refuse('path', "has type 'stream' for SSTP")
  requireInteger('innerMtu', options.innerMtu, INNER_MTU_RANGE.min, MAX_SSTP_MTU)
  if (typeof options.compressAddressControl !== 'boolean')
    refuse('compressAddressControl', 'must be a boolean')
  if (typeof options.compressProtocol !== 'boolean') refuse('compressProtocol', 'must be a boolean')
}

function validateEspFlow({ path, innerMtu, peer }: EspFlowOptions): void {
  if (peer !== undefined && peer !== 'client' && peer !== 'site') refuse('peer', "must be 'client' or 'site'")
  if (path.type !== 'udp') refuse('path', "must be of type 'udp' with protocol 'esp'")
  requireInteger('innerMtu', innerMtu, INNER_MTU_RANGE.min, INNER_MTU_RANGE.max)
}

function requireId(argument: string, value: number): void {
  requireInteger(argument, value, 0, Number.MAX_SAFE_INTEGER)
}

/** What the kernel takes as an interface name: no slash, colon or blank, one `%d` at most. */
function requireInterfaceName(name: string): void {
  if (typeof name !== 'string') refuse('name', 'must be a string')
  if (name.length < 1 || name.length > MAX_INTERFACE_NAME)
    refuse('name', `must have 1 to ${MAX_INTERFACE_NAME} characters`)
  if (!/^[!-~]+$/.test(name) || /[/:]/.test(name) || name === '.' || name === '..')
    refuse('name', 'must be printable ASCII without blank, slash or colon')
  if (name.replace('%d', '').includes('%')) refuse('name', 'may have one %d and no other %')
}

export function requireAddress(argument: string, address: IpAddress): void {
  requireObject(argument, address)
  const { family, bytes } = address
  if (family !== 4 && family !== 6) refuse(argument, 'must be of family 4 or 6')
  if (!(bytes instanceof Uint8Array) || bytes.length !== (family === 4 ? 4 : 16))
    refuse(argument, 'must have 4 (IPv4) or 16 (IPv6) bytes')
}

/** An endpoint to send to. Port 0 stands for raw ESP. */
function requireEndpoint(argument: string, endpoint: Endpoint, lowestPort: 0 | 1): void {
  requireObject(argument, endpoint)
  requireAddress(`${argument}.address`, endpoint.address)
  requireInteger(`${argument}.port`, endpoint.port, lowestPort, 0xffff)
}

/** Our own address beside a remote. */
function requireLocal(local: IpAddress | undefined, remote: Endpoint): void {
  if (local === undefined) return
  requireAddress('local', local)
  if (local.family !== remote.address.family) refuse('local', "must be of the remote's family")
}

function requireRoute({ prefix, source, metric }: Route): void {
  requirePrefix('prefix', prefix)
  if (metric !== undefined) requireInteger('metric', metric, 0, MAX_METRIC)
  if (source === undefined) return
  requirePrefix('source', source)
  if (source.address.family !== prefix.address.family) refuse('source', "must be of the prefix's family")
}

export function requirePrefix(argument: string, prefix: IpPrefix): void {
  requireObject(argument, prefix)
  requireAddress(`${argument}.address`, prefix.address)
  const { address, length } = prefix
  requireInteger(`${argument}.length`, length, 0, address.family === 4 ? 32 : 128)
  const beyond = address.bytes.some((byte, i) => {
    const kept = Math.min(8, Math.max(0, length - 8 * i))
    return (byte & (0xff >> kept)) !== 0
  })
  if (beyond) refuse(argument, 'must have no bits set past its length')
}
