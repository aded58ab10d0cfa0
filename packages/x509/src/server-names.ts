import { isIP } from 'node:net'
import type * as x509 from '@peculiar/x509'
import { X509Error } from './errors.ts'

/** Under which names a gateway is reached. At least one is needed. */
export interface ServerNames {
  /** Host names; a first label of `*` is allowed. */
  readonly dnsNames?: readonly string[]
  /** IPv4 or IPv6 addresses. */
  readonly ipAddresses?: readonly string[]
  /**
   * Lists each address as a dNSName too. Windows looks there when a user typed an address, and else
   * refuses an IKEv2 gateway with error 13801. Default false.
   */
  readonly ipAsDnsName?: boolean
}

/** @internal Errors: `ERR_X509_ARGUMENT`. */
export function serverAltNames(names: ServerNames): x509.JsonGeneralNames {
  const { dnsNames = [], ipAddresses = [], ipAsDnsName = false } = names
  if (dnsNames.length + ipAddresses.length === 0) {
    throw new X509Error('ERR_X509_ARGUMENT', 'a server certificate needs a DNS name or an IP address')
  }
  const dns = [...dnsNames.map(checkedDnsName), ...(ipAsDnsName ? ipAddresses : [])]
  const ip = ipAddresses.map(checkedAddress)
  return [
    ...dns.map(value => ({ type: 'dns', value }) as const),
    ...ip.map(value => ({ type: 'ip', value }) as const),
  ]
}

// RFC 1123 §2.1 and RFC 1035 §2.3.4.
const dnsLabel = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i
const longestDnsName = 253

/** @internal Errors: `ERR_X509_ARGUMENT`. */
export function checkedDnsName(name: string): string {
  const labels = name.split('.')
  const rest = labels[0] === '*' ? labels.slice(1) : labels
  const isGood = name.length <= longestDnsName && rest.length > 0 && rest.every(label => dnsLabel.test(label))
  if (isGood) return name
  throw new X509Error('ERR_X509_ARGUMENT', `"${name}" is not a DNS name`)
}

/** @internal Errors: `ERR_X509_ARGUMENT`. */
export function checkedAddress(address: string): string {
  if (isIP(address) !== 0 && !address.includes('%')) return address
  throw new X509Error('ERR_X509_ARGUMENT', `"${address}" is not an IP address`)
}
