import { createHash } from 'node:crypto'
import { checkAudience } from '@causeway/entra'
import { formatIpAddress } from '@causeway/wire'
import { describeCertificate } from '@causeway/x509'
import type { EntraConfiguration } from '../../configuration.ts'
import { xmlText } from '../escape.ts'
import type { ClientCertificate, PackageFile, PackageParts } from '../package-parts.ts'
import { signInsOf } from '../sign-in.ts'
import { portsOf } from './client-profile.ts'

/** The Azure VPN Client takes no other port. */
const AZURE_CLIENT_PORT = 443
/** The Microsoft-registered Azure VPN Client, which asks for tokens of a custom app (Azure's page on custom audiences). */
const AZURE_CLIENT_APP = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8'

/** How the Azure VPN Client signs in: the middle of `clientauth`, and how Azure calls the file among others. */
interface ClientAuth {
  readonly suffix: 'aad' | 'cert' | 'radius'
  readonly aad?: string
  readonly cert?: string
  readonly type: 'aad' | 'cert' | 'usernamepass'
}

/**
 * `AzureVPN/azurevpnconfig.xml` for the Azure VPN Client, or with several authentication types one for each,
 * `azurevpnconfig_aad.xml` and so on. The client knows tls-auth and port 443 alone: a gateway without them has none.
 *
 * The form for Entra ID is that of profiles which Azure wrote. Of the others no sample is public: their
 * `clientauth` is what the client's parsers let conclude.
 */
export function azureClientFiles(parts: PackageParts): PackageFile[] {
  const { openvpn, listeners } = parts.configuration
  const transport = (['tcp', 'udp'] as const).find(each =>
    portsOf(listeners, each).includes(AZURE_CLIENT_PORT),
  )
  if (!transport || !openvpn.wraps.has('tls-auth')) return []
  const kinds = clientAuths(parts)
  return kinds.map(kind => {
    const name = kinds.length === 1 ? 'azurevpnconfig' : `azurevpnconfig_${kind.suffix}`
    return { path: `AzureVPN/${name}.xml`, content: formatProfile(parts, kind, transport) }
  })
}

function clientAuths(parts: PackageParts): ClientAuth[] {
  const { authentication, entra } = parts.configuration
  const hasEntra = authentication.get('OpenVPN')?.has('AAD') === true
  return [
    ...(hasEntra && entra ? [{ suffix: 'aad', type: 'aad', aad: aadElement(entra) } as const] : []),
    ...signInsOf(parts, 'OpenVPN').map((signIn): ClientAuth => {
      if (signIn.type === 'password') return { suffix: 'radius', type: 'usernamepass' }
      return { suffix: 'cert', type: 'cert', cert: certElement(signIn.certificate) }
    }),
  ]
}

/** Elements are in the order of their names, as a data contract wants them. */
function aadElement({ audience, authority, issuer }: EntraConfiguration): string {
  const checked = checkAudience(audience, undefined)
  const isCustom = checked.type === 'audience' && checked.row.registration === 'custom'
  return `<aad>
${isCustom ? `      <applicationid>${AZURE_CLIENT_APP}</applicationid>\n` : ''}      <audience>${xmlText(audience)}</audience>
      <cachesigninuser>true</cachesigninuser>
      <issuer>${xmlText(issuer)}</issuer>
      <tenant>${xmlText(authority)}/</tenant>
    </aad>`
}

/** Without one the user chooses his in the client, after the import. */
function certElement(certificate: ClientCertificate | undefined): string {
  if (!certificate) return NO_CERTIFICATE
  const { der, authorityDer } = certificate
  return `<cert>
      <hash>${thumbprint(der)}</hash>
      <issuer>${xmlText(describeCertificate(authorityDer).commonName ?? '')}</issuer>
    </cert>`
}

const NO_CERTIFICATE = `<cert>
      <hash i:nil="true" />
      <issuer i:nil="true" />
    </cert>`

function formatProfile(
  parts: PackageParts,
  { type, aad, cert }: ClientAuth,
  transport: 'tcp' | 'udp',
): string {
  const { configuration, hostNames, identity, authorityDer } = parts
  return `<?xml version="1.0" encoding="utf-8"?>
<AzVpnProfile xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.datacontract.org/2004/07/">
  <any xmlns:d2p1="http://schemas.datacontract.org/2004/07/System.Xml" i:nil="true" />
  <clientauth>
    ${aad ?? '<aad i:nil="true" />'}
    ${cert ?? '<cert i:nil="true" />'}
    <type>${type}</type>
    <usernamepass i:nil="true" />
  </clientauth>
  ${clientConfig(parts)}
  <name>${xmlText(configuration.name)}</name>
  <protocolconfig>
    <sslprotocolConfig>
      <transportprotocol>${transport}</transportprotocol>
    </sslprotocolConfig>
  </protocolconfig>
  <serverlist>
    <ServerEntry>
      <displayname i:nil="true" />
      <fqdn>${xmlText(hostNames[0] ?? '')}</fqdn>
    </ServerEntry>
  </serverlist>
  <servervalidation>
    <cert>
      <hash>${thumbprint(authorityDer)}</hash>
      <issuer i:nil="true" />
    </cert>
    <serversecret>${Buffer.from(identity.tlsAuthKey).toString('hex')}</serversecret>
    <type>cert</type>
  </servervalidation>
  <version>1</version>
</AzVpnProfile>
`
}

/** The client resolves names of these domains through the tunnel (NRPT). Routes come from the gateway. */
function clientConfig({ configuration }: PackageParts): string {
  const { dnsServers, dnsSearchDomains } = configuration
  if (dnsServers.length === 0) return '<clientconfig i:nil="true" />'
  const servers = dnsServers.map(
    server => `      <dnsserver>${xmlText(formatIpAddress(server))}</dnsserver>\n`,
  )
  const suffixes = dnsSearchDomains.map(domain => `      <dnssuffix>.${xmlText(domain)}</dnssuffix>\n`)
  const suffixList = `    <dnssuffixes>\n${suffixes.join('')}    </dnssuffixes>\n`
  return `<clientconfig>
    <dnsservers>
${servers.join('')}    </dnsservers>
${suffixes.length === 0 ? '' : suffixList}  </clientconfig>`
}

function thumbprint(der: Uint8Array): string {
  return createHash('sha1').update(der).digest('hex').toUpperCase()
}
