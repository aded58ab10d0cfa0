import {
  type CompleteGatewaySettings,
  type ListenerSettings,
  type OpenVpnSettings,
  quote,
  tlsSuite,
} from '@causeway/api-contract'
import { PUSHED_DNS_SERVERS_LENGTH, PUSHED_SEARCH_DOMAINS_LENGTH } from '@causeway/openvpn'
import { formatEndpoint, formatIpAddress, type IpAddress, parseIpAddress } from '@causeway/wire'
import type { GatewayConfiguration, Listener, OpenVpnConfiguration } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

// RFC 1123 §2.1, RFC 1035 §2.3.4.
const DNS_NAME =
  /^(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/

/** Whether the text is a DNS name. It then holds nothing that a profile or a shell would read. */
export function isDnsName(text: string): boolean {
  return DNS_NAME.test(text)
}

/** Reads the outer listeners, each once. TCP ports are shared by those protocols that run over TCP. */
export function readListeners(listeners: readonly ListenerSettings[], report: Report): Listener[] {
  const seen = new Set<string>()
  return listeners.flatMap(({ transport, address: text, port }, i) => {
    const address = parseIpAddress(text)
    if (!address) {
      report(`listeners[${i}].address`, `${quote(text)} is not an IP address`, 'give one, as 0.0.0.0 or ::')
      return []
    }
    const service = transport === 'tcp' ? 'shared' : 'openvpn'
    const listener: Listener = { transport, service, local: { address, port } }
    const key = `${transport} ${formatEndpoint(listener.local)}`
    if (seen.has(key)) report(`listeners[${i}]`, `${key} is listed twice`, 'take one out')
    seen.add(key)
    return listener
  })
}

/** Reads what is pushed to clients for name resolution. */
export function readDns(
  dns: CompleteGatewaySettings['dns'],
  path: string,
  report: Report,
): Pick<GatewayConfiguration, 'dnsServers' | 'dnsSearchDomains'> {
  return {
    dnsServers: readDnsServers(dns.servers, `${path}.servers`, report),
    dnsSearchDomains: readSearchDomains(dns.searchDomains, `${path}.searchDomains`, report),
  }
}

/** Name servers that clients are told of. */
export function readDnsServers(texts: readonly string[], path: string, report: Report): IpAddress[] {
  const servers = texts.flatMap((text, i): IpAddress | [] => {
    const address = parseIpAddress(text)
    if (!address)
      report(`${path}[${i}]`, `${quote(text)} is not an IP address`, 'give the address of a server')
    return address ?? []
  })
  checkLength(path, servers.map(formatIpAddress), PUSHED_DNS_SERVERS_LENGTH, report)
  return servers
}

/** Domains in which clients look up short names. */
export function readSearchDomains(texts: readonly string[], path: string, report: Report): string[] {
  for (const [i, text] of texts.entries())
    if (!isDnsName(text)) report(`${path}[${i}]`, `${quote(text)} is not a domain name`, 'correct it')
  const domains = texts.filter(isDnsName)
  checkLength(path, domains, PUSHED_SEARCH_DOMAINS_LENGTH, report)
  return domains
}

/** Such a list is pushed in one option, which must not be longer. */
function checkLength(path: string, names: readonly string[], longest: number, report: Report): void {
  const { length } = names.join(' ')
  if (length > longest)
    report(path, `is too long to be pushed: ${length} characters, at most ${longest}`, 'take some out')
}

/** Host names stand in profiles and in the server certificate. */
export function checkHostNames(names: readonly string[], report: Report): void {
  for (const [i, name] of names.entries())
    if (!isDnsName(name) && !parseIpAddress(name))
      report(`hostNames[${i}]`, `${quote(name)} is neither a DNS name nor an IP address`, 'correct it')
}

/** Reads the OpenVPN part, and checks what its options demand of each other. */
export function readOpenVpn(openvpn: Required<OpenVpnSettings>, report: Report): OpenVpnConfiguration {
  const { pingSeconds, pingRestartSeconds, fallbackCipher, dataCiphers } = openvpn
  if (pingRestartSeconds <= pingSeconds)
    report(
      'openvpn.pingRestartSeconds',
      `${pingRestartSeconds} is not more than pingSeconds`,
      'give a multiple of it',
    )
  if (!dataCiphers.includes(fallbackCipher))
    report(
      'openvpn.fallbackCipher',
      `${fallbackCipher} is not among dataCiphers`,
      'add it there, or choose one of them',
    )
  return {
    wraps: new Set(openvpn.controlWraps),
    dataCiphers,
    fallbackCipher,
    tlsMinimum: openvpn.tlsMinimum,
    tlsMaximum: openvpn.tlsMaximum,
    tlsCiphers: readTlsCiphers(openvpn, report),
    pingSeconds,
    pingRestartSeconds,
    renegotiationSeconds: openvpn.renegotiationSeconds,
    renegotiationBytes: openvpn.renegotiationBytes,
    tunnelMtu: openvpn.tunnelMtu,
  }
}

/** OpenSSL names; every TLS version that is switched on needs a suite. */
function readTlsCiphers(openvpn: Required<OpenVpnSettings>, report: Report): string[] {
  const { tlsMinimum, tlsMaximum, tlsCiphers } = openvpn
  if (tlsMinimum > tlsMaximum) report('openvpn.tlsMinimum', 'is above tlsMaximum', 'exchange them')
  const suites = tlsCiphers.flatMap((name, i) => {
    const suite = tlsSuite(name)
    if (!suite) report(`openvpn.tlsCiphers[${i}]`, `${quote(name)} is not in the TLS policy`, 'take it out')
    return suite ?? []
  })
  for (const version of [tlsMinimum, tlsMaximum])
    if (!suites.some(suite => suite.version === version))
      report(
        'openvpn.tlsCiphers',
        `has no suite of ${version}`,
        'add one, or change tlsMinimum or tlsMaximum',
      )
  return suites.map(suite => suite.opensslName)
}
