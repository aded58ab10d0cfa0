import { createHash } from 'node:crypto'
import { xmlText } from '../escape.ts'
import type { ClientCertificate, PackageParts } from '../package-parts.ts'
import type { SignIn } from '../sign-in.ts'

/** The EAP method as Windows has it (EapHostConfig). */
export function eapXml(parts: PackageParts, signIn: SignIn): string {
  return signIn.type === 'password' ? MSCHAPV2_XML : tlsXml(parts, signIn.certificate)
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

/** EAP-TLS with a certificate of the user's store, of our root, to a server of the gateway's root. */
function tlsXml({ authorityDer, serverName }: PackageParts, certificate: ClientCertificate): string {
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
          <TrustedRootCA>${thumbprint(authorityDer)}</TrustedRootCA>
        </ServerValidation>
        <DifferentUsername>false</DifferentUsername>
        <PerformServerValidation xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">true</PerformServerValidation>
        <AcceptServerName xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">true</AcceptServerName>
        <TLSExtensions xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV2">
          <FilteringInfo xmlns="http://www.microsoft.com/provisioning/EapTlsConnectionPropertiesV3">
            <CAHashList Enabled="true">
              <IssuerHash>${thumbprint(certificate.authorityDer)}</IssuerHash>
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
