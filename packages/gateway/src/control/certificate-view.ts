import { type CertificateView, completeGatewaySettings } from '@causeway/api-contract'
import { describeCertificate } from '@causeway/x509'
import { type PreparedGateway, uncoveredHosts } from '../quick-start/index.ts'

/** The certificate that the gateway shows, for people. */
export function certificateView({
  server,
  settings,
}: Pick<PreparedGateway, 'server' | 'settings'>): CertificateView {
  const [certificate] = server.chain
  if (!certificate) throw new RangeError('a gateway shows a certificate')
  const { subject, issuer, subjectAltNames, thumbprint, notAfter } = describeCertificate(certificate)
  return {
    source: server.source,
    subject,
    issuer,
    names: [...new Set(subjectAltNames.map(({ value }) => value))],
    thumbprint,
    expiresAt: notAfter,
    uncoveredHosts: uncoveredHosts(certificate, completeGatewaySettings(settings).hostNames),
  }
}
