import { createHash } from 'node:crypto'
import type { EspSuite, IkeSuite } from '@causeway/ikev2'
import { formatIpAddress, formatIpPrefix } from '@causeway/wire'
import { powerShellString, xmlText } from '../escape.ts'
import type { PackageFile, PackageParts } from '../package-parts.ts'
import {
  nativeSuites,
  WINDOWS_ESP_ENCRYPTION,
  WINDOWS_HASH,
  WINDOWS_IKE_ENCRYPTION,
  windowsAuthentication,
  windowsGroup,
  windowsPfs,
} from './ikev2-names.ts'

/**
 * `Windows/`: a script for an administrator that installs certificates and connection of the user who runs it, and
 * the same connection as ProfileXML (VPNv2 CSP) for device management. Both sign in by EAP-TLS with the user's
 * certificate, as Azure's own package does.
 */
export function windowsFiles(parts: PackageParts): PackageFile[] {
  const suites = nativeSuites(parts.configuration.ikev2.ikeSuites, parts.configuration.ikev2.espSuites)
  if (!suites) return []
  return [
    // Windows PowerShell 5 takes a script without a byte order mark for ANSI: it is all ASCII.
    { path: 'Windows/VpnClientSetup.ps1', content: script(parts, suites).replaceAll('\n', '\r\n') },
    { path: 'Windows/ProfileXML.xml', content: profileXml(parts, suites) },
    { path: `Windows/${parts.clientName}.p12`, content: parts.pkcs12 },
    { path: 'Windows/ca.cer', content: parts.authorityDer },
  ]
}

interface Suites {
  readonly ike: IkeSuite
  readonly esp: EspSuite
}

function script(parts: PackageParts, { ike, esp }: Suites): string {
  const { hostNames, clientName } = parts
  const routes = destinations(parts).map(powerShellString).join(', ')
  return `# Sets up the VPN connection of this user. Run it in PowerShell as administrator:
#   powershell -ExecutionPolicy Bypass -File VpnClientSetup.ps1
$ErrorActionPreference = 'Stop'
$name = ${powerShellString(connectionName(parts))}

Import-Certificate -FilePath (Join-Path $PSScriptRoot 'ca.cer') -CertStoreLocation Cert:\\LocalMachine\\Root | Out-Null
$password = Read-Host -AsSecureString -Prompt ${powerShellString(`Password of ${clientName}.p12`)}
$p12 = Join-Path $PSScriptRoot ${powerShellString(`${clientName}.p12`)}
Import-PfxCertificate -FilePath $p12 -CertStoreLocation Cert:\\CurrentUser\\My -Password $password | Out-Null

$eap = [xml]@'
${eapXml(parts)}
'@

Get-VpnConnection -Name $name -ErrorAction SilentlyContinue | Remove-VpnConnection -Force
Add-VpnConnection -Name $name -ServerAddress ${powerShellString(hostNames[0] ?? '')} \`
  -TunnelType Ikev2 -AuthenticationMethod Eap -EapConfigXmlStream $eap \`
  -EncryptionLevel Required -SplitTunneling -RememberCredential
Set-VpnConnectionIPsecConfiguration -ConnectionName $name \`
  -EncryptionMethod ${WINDOWS_IKE_ENCRYPTION[ike.encryption]} -IntegrityCheckMethod ${WINDOWS_HASH[ike.prf]} \`
  -DHGroup ${windowsGroup(ike.group)} -CipherTransformConstants ${WINDOWS_ESP_ENCRYPTION[esp.encryption]} \`
  -AuthenticationTransformConstants ${windowsAuthentication(esp)} -PfsGroup ${windowsPfs(esp.group)} -Force
foreach ($route in @(${routes})) {
  Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix $route
}
Write-Host "$name is ready: rasphone -d ""$name"" connects."
`
}

function profileXml(parts: PackageParts, { ike, esp }: Suites): string {
  const { configuration, hostNames } = parts
  const { dnsServers, dnsSearchDomains } = configuration
  const dns = dnsServers.map(formatIpAddress).join(',')
  const names = dnsSearchDomains.map(
    domain => `  <DomainNameInformation>
    <DomainName>.${xmlText(domain)}</DomainName>
    <DnsServers>${xmlText(dns)}</DnsServers>
  </DomainNameInformation>
`,
  )
  const routes = destinations(parts).map(prefix => {
    const [address = '', length = ''] = prefix.split('/')
    return `  <Route>
    <Address>${xmlText(address)}</Address>
    <PrefixSize>${xmlText(length)}</PrefixSize>
  </Route>
`
  })
  return `<VPNProfile>
  <RememberCredentials>true</RememberCredentials>
${dns === '' ? '' : names.join('')}  <NativeProfile>
    <Servers>${xmlText(hostNames[0] ?? '')}</Servers>
    <NativeProtocolType>IKEv2</NativeProtocolType>
    <Authentication>
      <UserMethod>Eap</UserMethod>
      <Eap>
        <Configuration>
${eapXml(parts)}
        </Configuration>
      </Eap>
    </Authentication>
    <CryptographySuite>
      <AuthenticationTransformConstants>${windowsAuthentication(esp)}</AuthenticationTransformConstants>
      <CipherTransformConstants>${WINDOWS_ESP_ENCRYPTION[esp.encryption]}</CipherTransformConstants>
      <EncryptionMethod>${WINDOWS_IKE_ENCRYPTION[ike.encryption]}</EncryptionMethod>
      <IntegrityCheckMethod>${WINDOWS_HASH[ike.prf]}</IntegrityCheckMethod>
      <DHGroup>${windowsGroup(ike.group)}</DHGroup>
      <PfsGroup>${windowsPfs(esp.group)}</PfsGroup>
    </CryptographySuite>
    <RoutingPolicyType>SplitTunnel</RoutingPolicyType>
    <DisableClassBasedDefaultRoute>true</DisableClassBasedDefaultRoute>
  </NativeProfile>
${routes.join('')}</VPNProfile>
`
}

/** EAP-TLS with a certificate of the user's store, from our root, to a server of our root (EapHostConfig). */
function eapXml({ authorityDer, serverName }: PackageParts): string {
  const root = thumbprint(authorityDer)
  return `<EapHostConfig xmlns="http://www.microsoft.com/provisioning/EapHostConfig">
  <EapMethod>
    <Type xmlns="http://www.microsoft.com/provisioning/EapCommon">13</Type>
    <VendorId xmlns="http://www.microsoft.com/provisioning/EapCommon">0</VendorId>
    <VendorType xmlns="http://www.microsoft.com/provisioning/EapCommon">0</VendorType>
    <AuthorId xmlns="http://www.microsoft.com/provisioning/EapCommon">0</AuthorId>
  </EapMethod>
  <Config xmlns="http://www.microsoft.com/provisioning/EapHostConfig">
    <Eap xmlns="http://www.microsoft.com/provisioning/BaseEapConnectionPropertiesV1">
      <Type>13</Type>
      <EapType xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV1">
        <CredentialsSource>
          <CertificateStore>
            <SimpleCertSelection>true</SimpleCertSelection>
          </CertificateStore>
        </CredentialsSource>
        <ServerValidation>
          <DisableUserPromptForServerValidation>true</DisableUserPromptForServerValidation>
          <ServerNames>${xmlText(serverName)}</ServerNames>
          <TrustedRootCA>${root}</TrustedRootCA>
        </ServerValidation>
        <DifferentUsername>false</DifferentUsername>
        <PerformServerValidation xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">true</PerformServerValidation>
        <AcceptServerName xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">true</AcceptServerName>
        <TLSExtensions xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">
          <FilteringInfo xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV3">
            <CAHashList Enabled="true">
              <IssuerHash>${root}</IssuerHash>
            </CAHashList>
          </FilteringInfo>
        </TLSExtensions>
      </EapType>
    </Eap>
  </Config>
</EapHostConfig>`
}

/** SHA-1 as Windows writes it: pairs of hexadecimal digits. */
function thumbprint(der: Uint8Array): string {
  const digest = createHash('sha1').update(der).digest('hex')
  return (digest.match(/../g) ?? []).join(' ')
}

function connectionName({ configuration }: PackageParts): string {
  return `${configuration.name} VPN`
}

function destinations({ configuration }: PackageParts): string[] {
  return [...configuration.insidePrefixes, ...configuration.customRoutes].map(formatIpPrefix)
}
