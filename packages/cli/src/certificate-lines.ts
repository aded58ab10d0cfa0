import type { CertificateVerdict, TrustedCertificate, VaultCertificateView } from '@causeway/api-contract'
import { formatDay, printable } from './table.ts'

/** What a certificate is fit for, as lines. */
export function verdictLines(title: string, verdict: CertificateVerdict): string[] {
  const line = (text: string): string => printable(text)
  if (!verdict.accepted) return [line(`${title}refused (${verdict.code}): ${verdict.message}`)]
  return [
    line(`${title}accepted`),
    ...verdict.notes.map(note => line(`${' '.repeat(title.length)}note: ${note}`)),
  ]
}

/** Who a certificate of a vault is. */
export function identityLines({
  vault,
  name,
  version,
  id,
  subject,
  thumbprint,
  expiresAt,
  usedBy,
}: VaultCertificateView): string[] {
  return [
    `certificate ${name} in the vault ${vault}, version ${version}`,
    `  identifier  ${id}`,
    `  subject     ${printable(subject)}`,
    `  thumbprint  ${thumbprint}`,
    `  until       ${formatDay(expiresAt)}`,
    ...(usedBy.length === 0 ? [] : [`  used by     ${printable(usedBy.join(', '))}`]),
  ]
}

/** Public certificates as PEM, then in the form in which a connection takes them. */
export function trustLines(certificates: readonly TrustedCertificate[]): string[] {
  const blocks = certificates.flatMap(({ subject, isRoot, expiresAt, pem }) => [
    printable(`# ${isRoot ? 'root' : 'intermediate'} ${subject}, until ${formatDay(expiresAt)}`),
    pem.trimEnd(),
  ])
  const entries = certificates.map(({ base64 }) => base64)
  return [...blocks, '# the same as inboundAuthCertificateChain of a connection', JSON.stringify(entries)]
}
