import { formatIpAddress, formatIpPrefix } from '@causeway/wire'
import type { Listener } from '../../configuration.ts'
import type { CaptureFilter, PacketMatch } from './capture-filter.ts'

/**
 * The expression of libpcap (pcap-filter(7)) for what is to be captured on all devices, the TUN device known by its
 * number. It is put together from numbers and addresses that were parsed and are written anew: no text of a caller is
 * in it. `undefined`: nothing is to be captured.
 */
export function captureExpression(
  filter: CaptureFilter,
  listeners: readonly Listener[],
  tunIndex: number,
): string | undefined {
  const inside = insideExpression(filter)
  const outside = outsideExpression(filter, listeners)
  return anyOf([
    ...(inside === undefined ? [] : [allOf([`ifindex ${tunIndex}`, inside])]),
    ...(outside === undefined ? [] : [allOf([`not ifindex ${tunIndex}`, outside])]),
  ])
}

function insideExpression(filter: CaptureFilter): string | undefined {
  if (!filter.esp && !filter.openvpn) return undefined
  return anyOf(filter.matches.map(matchExpression)) ?? IP
}

/**
 * For the outer packets of these listeners. Azure's filters are for inner packets: they cut the outer ones only where
 * all of them take one direction alone, which Azure's documentation has for captures without outer packets.
 */
function outsideExpression(filter: CaptureFilter, listeners: readonly Listener[]): string | undefined {
  const ports = [...new Set(listeners.flatMap(listener => portExpression(filter, listener) ?? []))]
  const outer = anyOf(ports)
  if (outer === undefined) return undefined
  const { matches } = filter
  const cut = matches.length > 0 && matches.every(({ oneWay }) => oneWay)
  const wanted = cut ? anyOf(matches.map(matchExpression)) : undefined
  return allOf([outer, wanted])
}

/** Whatever is no ARP and the like. */
const IP = '(ip or ip6)'

/** RFC 3948: IKE has four zero bytes after its UDP header, where ESP has an SPI. */
const IKE_MARKER = '((ip and udp[8:4] = 0) or (ip6 and ip6[48:4] = 0))'

function portExpression({ esp, ike, openvpn }: CaptureFilter, listener: Listener): string | undefined {
  const at = withHost(listener)
  switch (listener.service) {
    case 'openvpn':
    case 'shared':
      return openvpn ? at(`${listener.transport} port ${listener.local.port}`) : undefined
    case 'ike':
      return ike ? at(`udp port ${listener.local.port}`) : undefined
    case 'ike-esp': {
      if (!esp && !ike) return undefined
      const kind = esp && ike ? '' : ike ? ` and ${IKE_MARKER}` : ` and not ${IKE_MARKER}`
      return at(`udp port ${listener.local.port}${kind}`)
    }
    case 'esp':
      return esp ? at('(ip proto 50 or ip6 proto 50)') : undefined
    default:
      return listener.service satisfies never
  }
}

function withHost({ local: { address } }: Listener): (expression: string) => string {
  const isAny = address.bytes.every(byte => byte === 0)
  if (isAny) return expression => `(${expression})`
  return expression => `(host ${formatIpAddress(address)} and ${expression})`
}

function matchExpression(match: PacketMatch): string {
  const there = directed(match)
  if (match.oneWay) return there
  const { sources, destinations, sourcePorts, destinationPorts } = match
  const back = {
    ...match,
    sources: destinations,
    destinations: sources,
    sourcePorts: destinationPorts,
    destinationPorts: sourcePorts,
  }
  return `(${there} or ${directed(back)})`
}

function directed(match: PacketMatch): string {
  const { sources, destinations, sourcePorts, destinationPorts, protocols, tcpFlags } = match
  return allOf([
    IP,
    anyOf(sources.map(prefix => `src net ${formatIpPrefix(prefix)}`)),
    anyOf(destinations.map(prefix => `dst net ${formatIpPrefix(prefix)}`)),
    anyOf(sourcePorts.map(port => `src port ${port}`)),
    anyOf(destinationPorts.map(port => `dst port ${port}`)),
    anyOf(protocols.map(protocol => `(ip proto ${protocol} or ip6 proto ${protocol})`)),
    tcpFlags === 0 ? undefined : tcpFlagsExpression(tcpFlags),
  ])
}

/** The flags stand at byte 13 of TCP's header; libpcap indexes it for IPv4 alone. */
function tcpFlagsExpression(flags: number): string {
  return `((ip and tcp[13] & ${flags} != 0) or (ip6 proto 6 and ip6[53] & ${flags} != 0))`
}

function anyOf(terms: readonly string[]): string | undefined {
  return terms.length === 0 ? undefined : `(${terms.join(' or ')})`
}

function allOf(terms: readonly (string | undefined)[]): string {
  return `(${terms.filter(term => term !== undefined).join(' and ')})`
}
