/** `off`: nothing is asked. `soft`: what cannot be learned is accepted with a note. `hard`: it is refused. */
export type RevocationMode = 'off' | 'soft' | 'hard'

/** What is known of one certificate. */
export interface RevocationStatus {
  /** DER. */
  readonly certificate: Uint8Array
  /** `unnamed`: the certificate names no CRL and no responder that can be asked. */
  readonly state: 'good' | 'revoked' | 'unknown' | 'unnamed'
  /** For the log: by whom, or why not. */
  readonly detail: string
}

/** What a checker learned of a validated chain, the root left out. */
export interface RevocationReport {
  readonly mode: RevocationMode
  readonly statuses: readonly RevocationStatus[]
}

/** @internal What a report says of a certificate; one that it leaves out is not known. */
export function statusOf(
  report: RevocationReport,
  der: Uint8Array,
): Pick<RevocationStatus, 'state' | 'detail'> {
  const found = report.statuses.find(({ certificate }) => Buffer.compare(certificate, der) === 0)
  return found ?? { state: 'unknown', detail: 'nobody was asked' }
}
