import type { FindingView } from '@causeway/api-contract'
import { describeCertificate, readInboundTrust } from '@causeway/x509'
import type { DoctorOptions, Examined } from './examined.ts'
import { good, refusal, warning } from './link.ts'
import { expiryLink } from './vault-links.ts'

/** Whom the connection takes for its peer. */
export function inboundLinks({ now }: DoctorOptions, { connection }: Examined): readonly FindingView[] {
  const { certificateAuthentication = {} } = connection.properties
  const { inboundAuthCertificateSubjectName = '', inboundAuthCertificateChain = [] } =
    certificateAuthentication
  const trust = readInboundTrust({
    subjectName: inboundAuthCertificateSubjectName,
    chain: inboundAuthCertificateChain,
    unixSeconds: now(),
  })
  if (trust.type === 'refused')
    return [refusal('inbound chain', trust.message, 'correct inboundAuthCertificateChain')]
  const { subject, roots, intermediates, notes } = trust
  const counts = `${roots.length} ${roots.length === 1 ? 'root' : 'roots'}, ${intermediates.length} intermediate`
  const ends = [...roots, ...intermediates].map(der => describeCertificate(der).notAfter)
  return [
    good('inbound chain', `the peer is '${subject}' below ${counts}`),
    ...notes.map(note => warning('inbound chain', note)),
    expiryLink('inbound chain expiry', Math.min(...ends), now()),
  ]
}
