import type { IpAddress, IpPrefix } from '@causeway/wire'

/** Of which families a client asks for an address. */
export interface AskedAddresses {
  readonly ipv4: boolean
  readonly ipv6: boolean
}

/** What a client asks for in its configuration request (RFC 7296 §3.15). Unknown attributes are left out. */
export interface ConfigurationRequest extends AskedAddresses {
  /** An address that the client had before and would like again. */
  readonly wishIpv4?: IpAddress
  readonly wishIpv6?: IpAddress
  readonly dns: boolean
  /** Split DNS is wanted: INTERNAL_DNS_DOMAIN is only sent to those who ask (RFC 8598 §3.2). */
  readonly dnsDomains: boolean
  /** It asked Microsoft's own attributes (23456, 23457): a Windows client. */
  readonly microsoft: boolean
}

/** What a client is given. */
export interface ConfigurationReply {
  readonly ipv4?: IpAddress
  readonly ipv6?: { readonly address: IpAddress; readonly prefixLength: number }
  readonly dnsServers: readonly IpAddress[]
  /** INTERNAL_DNS_DOMAIN (RFC 8598): split DNS. */
  readonly dnsDomains: readonly string[]
  /** INTERNAL_IP4_SUBNET and INTERNAL_IP6_SUBNET: what lies behind the gateway. */
  readonly subnets: readonly IpPrefix[]
}
