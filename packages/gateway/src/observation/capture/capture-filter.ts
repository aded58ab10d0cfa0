import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { CommandError } from '../../quick-start/command-error.ts'

/** What a capture takes: Azure's `filterData`, read and checked. */
export interface CaptureFilter {
  /** Which kinds of outer packets, and with them the inner packets that they carry. */
  readonly esp: boolean
  readonly ike: boolean
  /** OpenVPN, and SSTP on the same ports. */
  readonly openvpn: boolean
  /** So many bytes of each packet are kept. */
  readonly packetBytes: number
  /** The capture ends by itself when its file has so many bytes. */
  readonly fileBytes: number
  /** A packet is taken if one of them takes it. Empty: all are. */
  readonly matches: readonly PacketMatch[]
}

/** One of Azure's filters. An empty list takes all. */
export interface PacketMatch {
  readonly sources: readonly IpPrefix[]
  readonly destinations: readonly IpPrefix[]
  readonly sourcePorts: readonly number[]
  readonly destinationPorts: readonly number[]
  /** IP protocol numbers. */
  readonly protocols: readonly number[]
  /** Any of these bits; 0: whatever they are. */
  readonly tcpFlags: number
  /** Whether packets the other way are not taken. */
  readonly oneWay: boolean
}

/** Bits of TracingFlags, from Azure's schema. */
const TRACING = { esp: 1, ike: 2, openvpn: 8 } as const
const ALL_TRACING = TRACING.esp | TRACING.ike | TRACING.openvpn
/** Ours: Azure names none. */
const TEXT_LIMIT = 16_384
const FILTER_LIMIT = 5
const LIST_LIMIT = 32
const MEGABYTE = 1_000_000
const FILE_MEGABYTES = { default: 100, limit: 500 } as const
/** What a TUN device may hand over at once (GSO), and the largest IP packet. */
const WHOLE_PACKET = 65_535

/** Without `filterData` everything is taken, whole. */
export const EVERYTHING: CaptureFilter = {
  esp: true,
  ike: true,
  openvpn: true,
  packetBytes: WHOLE_PACKET,
  fileBytes: FILE_MEGABYTES.default * MEGABYTE,
  matches: [],
}

/**
 * Reads `filterData` as Azure documents it (learn.microsoft.com, "Configure packet capture for VPN gateways"). Single
 * quotes, as in the examples of its REST reference, are taken as well; properties that it does not know are left
 * aside, for Azure has some that mean nothing here (`IpSubnetValueAsAny`). Errors: `CommandError` `InvalidParameter`,
 * which names the property and its values.
 */
export function parseCaptureFilter(text: string | undefined): CaptureFilter {
  if (text === undefined || text.trim() === '') return EVERYTHING
  const data = jsonObject(text)
  const tracing = integer(data, 'TracingFlags', { minimum: 0, maximum: ALL_TRACING, absent: ALL_TRACING })
  if ((tracing & ALL_TRACING) === 0 || (tracing & ~ALL_TRACING) !== 0)
    refuse('TracingFlags', 'is a sum of 1 (ESP), 2 (IKE) and 8 (OpenVPN and SSTP)')
  const bytes = integer(data, 'MaxPacketBufferSize', { minimum: 0, maximum: WHOLE_PACKET, absent: 0 })
  const megabytes = integer(data, 'MaxFileSize', {
    minimum: 1,
    maximum: FILE_MEGABYTES.limit,
    absent: FILE_MEGABYTES.default,
  })
  return {
    esp: (tracing & TRACING.esp) !== 0,
    ike: (tracing & TRACING.ike) !== 0,
    openvpn: (tracing & TRACING.openvpn) !== 0,
    packetBytes: bytes === 0 ? WHOLE_PACKET : bytes,
    fileBytes: megabytes * MEGABYTE,
    matches: filters(data),
  }
}

/** What is read of it; everything in it may be anything. */
type Properties = Readonly<Partial<Record<PropertyName, unknown>>>

type PropertyName =
  | 'TracingFlags'
  | 'MaxPacketBufferSize'
  | 'MaxFileSize'
  | 'Filters'
  | 'SourceSubnets'
  | 'DestinationSubnets'
  | 'SourcePort'
  | 'DestinationPort'
  | 'Protocol'
  | 'TcpFlags'
  | 'CaptureSingleDirectionTrafficOnly'

function jsonObject(text: string): Properties {
  if (text.length > TEXT_LIMIT) refuse('', `has more than ${TEXT_LIMIT} characters`)
  try {
    const value: unknown = JSON.parse(text.includes('"') ? text : text.replaceAll("'", '"'))
    if (isObject(value)) return value
  } catch {
    return refuse('', 'is not JSON')
  }
  return refuse('', 'is not a JSON object')
}

function filters(data: Properties): readonly PacketMatch[] {
  const list = data.Filters ?? []
  if (!Array.isArray(list) || list.length > FILTER_LIMIT || !list.every(isObject))
    return refuse('Filters', `is a list of at most ${FILTER_LIMIT} objects`)
  return list.map((filter, i) => packetMatch(filter, `Filters[${i}].`))
}

function packetMatch(filter: Properties, path: string): PacketMatch {
  const oneWay = filter.CaptureSingleDirectionTrafficOnly ?? false
  if (typeof oneWay !== 'boolean')
    return refuse(`${path}CaptureSingleDirectionTrafficOnly`, 'is true or false')
  // Azure's PowerShell examples write "any" as -1.
  const tcpFlags = integer(filter, 'TcpFlags', { minimum: -1, maximum: 0xff, absent: 0 }, path)
  return {
    sources: prefixes(filter, 'SourceSubnets', path),
    destinations: prefixes(filter, 'DestinationSubnets', path),
    sourcePorts: numbers(filter, 'SourcePort', 65_535, path),
    destinationPorts: numbers(filter, 'DestinationPort', 65_535, path),
    protocols: numbers(filter, 'Protocol', 255, path),
    tcpFlags: Math.max(tcpFlags, 0),
    oneWay,
  }
}

function prefixes(filter: Properties, name: PropertyName, path: string): readonly IpPrefix[] {
  return listOf(filter, name, path).map(text => {
    const prefix = typeof text === 'string' ? parseIpPrefix(text) : undefined
    return prefix ?? refuse(`${path}${name}`, 'is a list of networks as 10.1.0.0/24 or 2001:db8::/64')
  })
}

function numbers(filter: Properties, name: PropertyName, maximum: number, path: string): readonly number[] {
  return listOf(filter, name, path).map(value => {
    if (isInteger(value, 0, maximum)) return value
    return refuse(`${path}${name}`, `is a list of whole numbers from 0 to ${maximum}`)
  })
}

/** A single value stands for a list of one. */
function listOf(filter: Properties, name: PropertyName, path: string): readonly unknown[] {
  const value = filter[name] ?? []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.length <= LIST_LIMIT ? list : refuse(`${path}${name}`, `has at most ${LIST_LIMIT} entries`)
}

function integer(
  data: Properties,
  name: PropertyName,
  { minimum, maximum, absent }: { minimum: number; maximum: number; absent: number },
  path = '',
): number {
  const value = data[name] ?? absent
  if (isInteger(value, minimum, maximum)) return value
  return refuse(`${path}${name}`, `is a whole number from ${minimum} to ${maximum}`)
}

function isInteger(value: unknown, minimum: number, maximum: number): value is number {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(property: string, rule: string): never {
  const target = property === '' ? 'filterData' : `filterData.${property}`
  const message = `${target} ${rule}`
  throw new CommandError('InvalidParameter', message, [{ code: 'InvalidParameter', message, target }])
}
