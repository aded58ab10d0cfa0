import {
  addressBits,
  asciiBytes,
  concatBytes,
  formatNetmask,
  type IpAddress,
  type IpPrefix,
  ipAddress,
  ipAddressToInteger,
  ipPrefix,
  parseIpAddress,
  utf8Text,
} from '@causeway/wire'
import type { ConfigurationReply, ConfigurationRequest } from '../configuration-payload.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { CONFIGURATION } from '../wire/numbers.ts'
import type { ConfigurationAttribute, Payload, PayloadOf } from '../wire/payload.ts'

/** CFG_REQUEST and CFG_REPLY (RFC 7296 §3.15). */
const REQUEST = 1
const REPLY = 2
/** The longest domain name as text (RFC 1035 §2.3.4). */
const DOMAIN_BYTES = 253

/** What a client asks for. Netmask, WINS, DHCP and APPLICATION_VERSION are nothing that is given here. */
export function readConfigurationRequest(payloads: readonly Payload[]): ConfigurationRequest | undefined {
  const attributes = attributesOf(payloads, REQUEST)
  if (!attributes) return undefined
  const asks = (type: number) => attributes.some(attribute => attribute.type === type)
  const wishIpv4 = wish(attributes, CONFIGURATION.INTERNAL_IP4_ADDRESS, 4)
  const wishIpv6 = wish(attributes, CONFIGURATION.INTERNAL_IP6_ADDRESS, 16)
  return {
    ipv4: asks(CONFIGURATION.INTERNAL_IP4_ADDRESS),
    ipv6: asks(CONFIGURATION.INTERNAL_IP6_ADDRESS),
    ...(wishIpv4 && { wishIpv4 }),
    ...(wishIpv6 && { wishIpv6 }),
    dns: asks(CONFIGURATION.INTERNAL_IP4_DNS) || asks(CONFIGURATION.INTERNAL_IP6_DNS),
    dnsDomains: asks(CONFIGURATION.INTERNAL_DNS_DOMAIN),
    microsoft: asks(CONFIGURATION.MICROSOFT_IP4_SERVER) || asks(CONFIGURATION.MICROSOFT_IP6_SERVER),
  }
}

/**
 * What a client is given. No netmask: the address is one of a tunnel, and routes come with the selectors and
 * subnets. Split DNS only for those who asked (RFC 8598 §3.2).
 */
export function writeConfigurationReply(
  reply: ConfigurationReply,
  request: ConfigurationRequest,
): PayloadOf<'CP'> {
  const attributes: ConfigurationAttribute[] = []
  if (reply.ipv4) attributes.push(attribute(CONFIGURATION.INTERNAL_IP4_ADDRESS, reply.ipv4.bytes))
  if (reply.ipv6) {
    const { address, prefixLength } = reply.ipv6
    attributes.push(attribute(CONFIGURATION.INTERNAL_IP6_ADDRESS, address.bytes, Uint8Array.of(prefixLength)))
  }
  for (const server of reply.dnsServers) attributes.push(attribute(dnsType(server), server.bytes))
  for (const subnet of reply.subnets) attributes.push(subnetAttribute(subnet))
  if (request.dnsDomains)
    for (const domain of reply.dnsDomains)
      attributes.push(attribute(CONFIGURATION.INTERNAL_DNS_DOMAIN, asciiBytes(domain)))
  return { type: 'CP', configurationType: REPLY, attributes }
}

/** The initiator's request, or no payload when it wants no address. */
export function writeConfigurationRequest(wanted: PeerTerms['requestAddresses']): PayloadOf<'CP'>[] {
  const types: number[] = []
  if (wanted?.ipv4)
    types.push(
      CONFIGURATION.INTERNAL_IP4_ADDRESS,
      CONFIGURATION.INTERNAL_IP4_DNS,
      CONFIGURATION.INTERNAL_IP4_SUBNET,
    )
  if (wanted?.ipv6)
    types.push(
      CONFIGURATION.INTERNAL_IP6_ADDRESS,
      CONFIGURATION.INTERNAL_IP6_DNS,
      CONFIGURATION.INTERNAL_IP6_SUBNET,
    )
  if (types.length === 0) return []
  types.push(CONFIGURATION.INTERNAL_DNS_DOMAIN)
  return [{ type: 'CP', configurationType: REQUEST, attributes: types.map(type => attribute(type)) }]
}

/** What a responder has given. Attributes of a wrong length, and unknown ones, are left out. */
export function readConfigurationReply(payloads: readonly Payload[]): ConfigurationReply | undefined {
  const attributes = attributesOf(payloads, REPLY)
  if (!attributes) return undefined
  const ipv4 = valueOfType(attributes, CONFIGURATION.INTERNAL_IP4_ADDRESS, 4)
  const ipv6 = valueOfType(attributes, CONFIGURATION.INTERNAL_IP6_ADDRESS, 17)
  const prefixLength = ipv6?.[16] ?? 0
  return {
    ...(ipv4 && { ipv4: ipAddress(ipv4) }),
    ...(ipv6 && prefixLength <= 128 && { ipv6: { address: ipAddress(ipv6.slice(0, 16)), prefixLength } }),
    dnsServers: attributes.flatMap(readDnsServer),
    dnsDomains: attributes.flatMap(readDnsDomain),
    subnets: attributes.flatMap(readSubnet),
  }
}

function attributesOf(
  payloads: readonly Payload[],
  configurationType: number,
): readonly ConfigurationAttribute[] | undefined {
  for (const payload of payloads)
    if (payload.type === 'CP' && payload.configurationType === configurationType) return payload.attributes
  return undefined
}

function attribute(type: number, ...parts: readonly Uint8Array[]): ConfigurationAttribute {
  return { type, value: concatBytes(parts) }
}

/** An address asked for again. With a prefix length behind it (IPv6); all zeros are no wish. */
function wish(
  attributes: readonly ConfigurationAttribute[],
  type: number,
  length: 4 | 16,
): IpAddress | undefined {
  const value = attributes.find(attribute => attribute.type === type)?.value
  const expected = length === 4 ? 4 : 17
  if (value?.length !== expected) return undefined
  const address = ipAddress(value.slice(0, length))
  return address.bytes.some(byte => byte !== 0) ? address : undefined
}

function valueOfType(
  attributes: readonly ConfigurationAttribute[],
  type: number,
  length: number,
): Uint8Array | undefined {
  return attributes.find(attribute => attribute.type === type && attribute.value.length === length)?.value
}

function dnsType(server: IpAddress): number {
  return server.family === 4 ? CONFIGURATION.INTERNAL_IP4_DNS : CONFIGURATION.INTERNAL_IP6_DNS
}

function readDnsServer({ type, value }: ConfigurationAttribute): IpAddress[] {
  if (type === CONFIGURATION.INTERNAL_IP4_DNS && value.length === 4) return [ipAddress(value)]
  if (type === CONFIGURATION.INTERNAL_IP6_DNS && value.length === 16) return [ipAddress(value)]
  return []
}

/** Letters, digits, hyphens, underscores and dots: it may stand in a resolver's configuration one day. */
function readDnsDomain({ type, value }: ConfigurationAttribute): string[] {
  if (type !== CONFIGURATION.INTERNAL_DNS_DOMAIN || value.length > DOMAIN_BYTES) return []
  const domain = utf8Text(value)
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(domain) ? [domain] : []
}

/** IPv4: address and netmask; IPv6: address and prefix length (RFC 7296 §3.15.1). */
function subnetAttribute({ address, length }: IpPrefix): ConfigurationAttribute {
  if (address.family === 6)
    return attribute(CONFIGURATION.INTERNAL_IP6_SUBNET, address.bytes, Uint8Array.of(length))
  const netmask = parseIpAddress(formatNetmask(length)) as IpAddress
  return attribute(CONFIGURATION.INTERNAL_IP4_SUBNET, address.bytes, netmask.bytes)
}

function readSubnet({ type, value }: ConfigurationAttribute): IpPrefix[] {
  if (type === CONFIGURATION.INTERNAL_IP6_SUBNET && value.length === 17) {
    const length = value[16] as number
    return length <= 128 ? [ipPrefix(ipAddress(value.slice(0, 16)), length)] : []
  }
  if (type !== CONFIGURATION.INTERNAL_IP4_SUBNET || value.length !== 8) return []
  const length = netmaskLength(ipAddress(value.slice(4)))
  return length === undefined ? [] : [ipPrefix(ipAddress(value.slice(0, 4)), length)]
}

/** `undefined`: the ones are not all at the front. */
function netmaskLength(mask: IpAddress): number | undefined {
  const bits = ipAddressToInteger(mask).toString(2).padStart(addressBits(4), '0')
  const length = bits.indexOf('0') === -1 ? bits.length : bits.indexOf('0')
  return bits.includes('1', length) ? undefined : length
}
