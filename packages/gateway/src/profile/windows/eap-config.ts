import { createHash } from 'node:crypto'
import { xmlText } from '../escape.ts'
import type { PackageParts } from '../package-parts.ts'

/** EAP-TLS with a certificate of the user's store, of our root, to a server of the gateway's root (EapHostConfig). */
export function eapXml({ authorityDer, clientAuthorityDer, serverName }: PackageParts): string {
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
              <IssuerHash>${thumbprint(clientAuthorityDer)}</IssuerHash>
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
