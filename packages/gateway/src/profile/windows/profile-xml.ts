import { formatIpAddress, formatIpPrefix } from '@causeway/wire'
import { destinationsOf } from '../destinations.ts'
import { xmlText } from '../escape.ts'
import {
  WINDOWS_ESP_ENCRYPTION,
  WINDOWS_HASH,
  WINDOWS_IKE_ENCRYPTION,
  windowsAuthentication,
  windowsGroup,
  windowsPfs,
} from '../ikev2/ikev2-names.ts'
import type { PackageParts } from '../package-parts.ts'
import type { SignIn } from '../sign-in.ts'
import { sstpServer } from '../sstp/sstp-server.ts'
import { eapXml } from './eap-config.ts'
import type { WindowsTunnels } from './windows-tunnels.ts'

/** `ProfileXML` of the VPNv2 CSP. IKEv2 with SSTP behind it needs Windows 11: 10 knows no order of protocols. */
export function profileXml(parts: PackageParts, tunnels: WindowsTunnels, signIn: SignIn): string {
  const server = tunnels.type === 'sstp' ? sstpServer(parts) : (parts.hostNames[0] ?? '')
  return `<VPNProfile>
  <RememberCredentials>true</RememberCredentials>
${domainNames(parts)}  <NativeProfile>
    <Servers>${xmlText(server)}</Servers>
${protocols(tunnels)}    <Authentication>
      <UserMethod>Eap</UserMethod>
      <Eap>
        <Configuration>
${eapXml(parts, signIn)}
        </Configuration>
      </Eap>
    </Authentication>
${cryptographySuite(tunnels)}    <RoutingPolicyType>SplitTunnel</RoutingPolicyType>
    <DisableClassBasedDefaultRoute>true</DisableClassBasedDefaultRoute>
  </NativeProfile>
${routes(parts)}</VPNProfile>
`
}

/** `Automatic` would be taken by Windows 10 too, and tries SSTP first. */
function protocols({ type }: WindowsTunnels): string {
  switch (type) {
    case 'ikev2':
      return '    <NativeProtocolType>IKEv2</NativeProtocolType>\n'
    case 'sstp':
      return '    <NativeProtocolType>Sstp</NativeProtocolType>\n'
    case 'ikev2-sstp':
      return `    <NativeProtocolType>ProtocolList</NativeProtocolType>
    <ProtocolList>
      <NativeProtocol>
        <Type>Ikev2</Type>
      </NativeProtocol>
      <NativeProtocol>
        <Type>Sstp</Type>
      </NativeProtocol>
    </ProtocolList>
`
    default:
      return type satisfies never
  }
}

function cryptographySuite(tunnels: WindowsTunnels): string {
  if (tunnels.type === 'sstp') return ''
  const { ike, esp } = tunnels
  return `    <CryptographySuite>
      <AuthenticationTransformConstants>${windowsAuthentication(esp)}</AuthenticationTransformConstants>
      <CipherTransformConstants>${WINDOWS_ESP_ENCRYPTION[esp.encryption]}</CipherTransformConstants>
      <EncryptionMethod>${WINDOWS_IKE_ENCRYPTION[ike.encryption]}</EncryptionMethod>
      <IntegrityCheckMethod>${WINDOWS_HASH[ike.prf]}</IntegrityCheckMethod>
      <DHGroup>${windowsGroup(ike.group)}</DHGroup>
      <PfsGroup>${windowsPfs(esp.group)}</PfsGroup>
    </CryptographySuite>
`
}

function domainNames({ configuration }: PackageParts): string {
  const { dnsServers, dnsSearchDomains } = configuration
  if (dnsServers.length === 0) return ''
  const dns = dnsServers.map(formatIpAddress).join(',')
  const names = dnsSearchDomains.map(
    domain => `  <DomainNameInformation>
    <DomainName>.${xmlText(domain)}</DomainName>
    <DnsServers>${xmlText(dns)}</DnsServers>
  </DomainNameInformation>
`,
  )
  return names.join('')
}

function routes({ configuration }: PackageParts): string {
  const elements = destinationsOf(configuration).map(prefix => {
    const [address = '', length = ''] = formatIpPrefix(prefix).split('/')
    return `  <Route>
    <Address>${xmlText(address)}</Address>
    <PrefixSize>${xmlText(length)}</PrefixSize>
  </Route>
`
  })
  return elements.join('')
}
