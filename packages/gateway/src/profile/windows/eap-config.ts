import { createHash } from 'node:crypto'
import { describeCertificate } from '@causeway/x509'
import { xmlText } from '../escape.ts'
import type { PackageParts } from '../package-parts.ts'
import type { CertificateSignIn, SignIn } from '../sign-in.ts'

/** The EAP method as Windows has it (EapHostConfig). */
export function eapXml(parts: PackageParts, signIn: SignIn): string {
  return signIn.type === 'password' ? MSCHAPV2_XML : tlsXml(parts, signIn)
}

/** EAP-MSCHAPv2 with a name and a password that Windows asks for. */
const MSCHAPV2_XML = `<EapHostConfig xmlns="http://www.microsoft.com/provisioning/EapHostConfig">
  <EapMethod>
    <Type xmlns="http://www.microsoft.com/provisioning/EapCommon">26</Type>
    <VendorId xmlns="http://www.microsoft.com/provisioning/EapCommon">0</VendorId>
    <VendorType xmlns="http://www.microsoft.com/provisioning/EapCommon">0</VendorType>
    <AuthorId xmlns="http://www.microsoft.com/provisioning/EapCommon">0</AuthorId>
  </EapMethod>
  <Config xmlns="http://www.microsoft.com/provisioning/EapHostConfig">
    <Eap xmlns="http://www.microsoft.com/provisioning/BaseEapConnectionPropertiesV1">
      <Type>26</Type>
      <EapType xmlns="http://www.microsoft.com/provisioning/MsChapV2ConnectionPropertiesV1">
        <UseWinLogonCredentials>false</UseWinLogonCredentials>
      </EapType>
    </Eap>
  </Config>
</EapHostConfig>`

/** EAP-TLS with a certificate of the user's store, of the roots if they are known, to the gateway or a RADIUS server. */
function tlsXml(
  { authorityDer, serverName }: PackageParts,
  { roots, radiusRoot }: CertificateSignIn,
): string {
  const name = radiusRoot ? radiusName(radiusRoot) : serverName
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
          <ServerNames>${xmlText(name)}</ServerNames>
          <TrustedRootCA>${thumbprint(radiusRoot ?? authorityDer)}</TrustedRootCA>
        </ServerValidation>
        <DifferentUsername>false</DifferentUsername>
        <PerformServerValidation xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">true</PerformServerValidation>
        <AcceptServerName xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">${name !== ''}</AcceptServerName>
${issuerFilter(roots)}      </EapType>
    </Eap>
  </Config>
</EapHostConfig>`
}

/** Which of the user's certificates it may be. */
function issuerFilter(roots: readonly Uint8Array[]): string {
  if (roots.length === 0) return ''
  const hashes = roots.map(root => `              <IssuerHash>${thumbprint(root)}</IssuerHash>\n`)
  return `        <TLSExtensions xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">
          <FilteringInfo xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV3">
            <CAHashList Enabled="true">
${hashes.join('')}            </CAHashList>
          </FilteringInfo>
        </TLSExtensions>
`
}

/** A server that is its own root is known by its name; servers of an authority may be called anything. */
function radiusName(root: Uint8Array): string {
  const { isCa, commonName = '' } = describeCertificate(root)
  return isCa ? '' : commonName
}

/** SHA-1 as Windows writes it: pairs of hexadecimal digits. */
function thumbprint(der: Uint8Array): string {
  const digest = createHash('sha1').update(der).digest('hex')
  return (digest.match(/../g) ?? []).join(' ')
}
