import { formatIpPrefix } from '@causeway/wire'
import { destinationsOf } from '../destinations.ts'
import { powerShellString } from '../escape.ts'
import {
  WINDOWS_ESP_ENCRYPTION,
  WINDOWS_HASH,
  WINDOWS_IKE_ENCRYPTION,
  windowsAuthentication,
  windowsGroup,
  windowsPfs,
} from '../ikev2/ikev2-names.ts'
import { credentialName, type PackageParts } from '../package-parts.ts'
import type { CertificateSignIn, SignIn } from '../sign-in.ts'
import { sstpServer } from '../sstp/sstp-server.ts'
import { eapXml } from './eap-config.ts'
import type { WindowsTunnels } from './windows-tunnels.ts'

/** The script for an administrator, in PowerShell 5, with which every Windows comes. */
export function setupScript(parts: PackageParts, tunnels: WindowsTunnels, signIn: SignIn): string {
  const sections = [
    preface(parts),
    importRoot('ca.cer'),
    ...(signIn.type === 'certificate' ? certificateSections(parts, signIn) : []),
    ...(tunnels.type !== 'ikev2' && parts.isOwnCertificate ? [REVOCATION] : []),
    connection(parts, tunnels, signIn),
    ...(tunnels.type === 'ikev2-sstp' ? [FALLBACK] : []),
    'Write-Host "$name is ready: rasphone -d ""$name"" connects."',
  ]
  return `${sections.join('\n\n')}\n`
}

function preface({ configuration }: PackageParts): string {
  return `# Sets up the VPN connection of this user. Run it in PowerShell as administrator:
#   powershell -ExecutionPolicy Bypass -File PATH\\TO\\THIS\\FILE.ps1
$ErrorActionPreference = 'Stop'
$name = ${powerShellString(`${configuration.name} VPN`)}`
}

function importRoot(file: string): string {
  return `Import-Certificate -FilePath (Join-Path $PSScriptRoot '${file}') \`
  -CertStoreLocation Cert:\\LocalMachine\\Root | Out-Null`
}

/** Windows finds a certificate of the user's own in his store. */
function certificateSections(parts: PackageParts, { certificate, radiusRoot }: CertificateSignIn): string[] {
  return [
    ...(radiusRoot ? [importRoot('radius.cer')] : []),
    certificate ? importCertificate(`${credentialName(parts)}.p12`) : OWN_CERTIFICATE,
  ]
}

const OWN_CERTIFICATE = `# Your certificate and its key have to be among your own: Cert:\\CurrentUser\\My.`

function importCertificate(file: string): string {
  return `$password = Read-Host -AsSecureString -Prompt ${powerShellString(`Password of ${file}`)}
$p12 = Join-Path $PSScriptRoot ${powerShellString(file)}
Import-PfxCertificate -FilePath $p12 -CertStoreLocation Cert:\\CurrentUser\\My -Password $password | Out-Null`
}

/** Windows' SSTP asks for a revocation list of every server certificate, and takes no certificate without one. */
const REVOCATION = `# The gateway's own authority publishes no revocation list, and Windows' SSTP refuses a server without one
# (0x80092012, 0x80092013). This turns that check off for SSTP, for all of its connections on this machine.
Write-Host 'SSTP on this machine no longer looks for revocation lists.'
New-ItemProperty -Path HKLM:\\SYSTEM\\CurrentControlSet\\Services\\SstpSvc\\Parameters \`
  -Name NoCertRevocationCheck -PropertyType DWord -Value 1 -Force | Out-Null`

function connection(parts: PackageParts, tunnels: WindowsTunnels, signIn: SignIn): string {
  const isSstp = tunnels.type === 'sstp'
  const server = isSstp ? sstpServer(parts) : (parts.hostNames[0] ?? '')
  const routes = destinationsOf(parts.configuration).map(prefix => powerShellString(formatIpPrefix(prefix)))
  const suites = isSstp ? '' : `${ipsecSuites(tunnels)}\n`
  return `$eap = [xml]@'
${eapXml(parts, signIn)}
'@

Get-VpnConnection -Name $name -ErrorAction SilentlyContinue | Remove-VpnConnection -Force
Add-VpnConnection -Name $name -ServerAddress ${powerShellString(server)} \`
  -TunnelType ${isSstp ? 'Sstp' : 'Ikev2'} -AuthenticationMethod Eap -EapConfigXmlStream $eap \`
  -EncryptionLevel Required -SplitTunneling -RememberCredential
${suites}foreach ($route in @(${routes.join(', ')})) {
  Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix $route
}`
}

function ipsecSuites({ ike, esp }: Exclude<WindowsTunnels, { type: 'sstp' }>): string {
  return `Set-VpnConnectionIPsecConfiguration -ConnectionName $name \`
  -EncryptionMethod ${WINDOWS_IKE_ENCRYPTION[ike.encryption]} -IntegrityCheckMethod ${WINDOWS_HASH[ike.prf]} \`
  -DHGroup ${windowsGroup(ike.group)} -CipherTransformConstants ${WINDOWS_ESP_ENCRYPTION[esp.encryption]} \`
  -AuthenticationTransformConstants ${windowsAuthentication(esp)} -PfsGroup ${windowsPfs(esp.group)} -Force`
}

/**
 * `-TunnelType Automatic` tries SSTP first, as administrators report. So the connection is made for IKEv2, with its
 * suites, and then gets the one strategy that is meant (ras.h, VS_Ikev2Sstp), which only the phone book can be told.
 * The file is read and written byte for byte, because other connections in it may be called anything.
 */
const FALLBACK = `# IKEv2 first, and SSTP where that does not get through: VS_Ikev2Sstp, for which there is no cmdlet.
$phoneBook = Join-Path $env:APPDATA 'Microsoft\\Network\\Connections\\Pbk\\rasphone.pbk'
$bytes = [Text.Encoding]::GetEncoding(28591)
$entries = [IO.File]::ReadAllText($phoneBook, $bytes)
$strategy = '(?ms)^(\\[' + [regex]::Escape($name) + '\\](?:(?!^\\[).)*?^VpnStrategy=)[0-9]+'
if ($entries -match $strategy) {
  [IO.File]::WriteAllText($phoneBook, [regex]::Replace($entries, $strategy, '\${1}14'), $bytes)
} else {
  Write-Warning "$name tries IKEv2 alone: it is not in $phoneBook."
}`
