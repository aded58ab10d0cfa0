import { describeCertificate, readCertificates, X509Error } from '@causeway/x509'
import type { Report } from './configuration-fault.ts'

/** Checks the PEM of an authority to which a server's certificate must lead. */
export function checkAuthority(pem: string, path: string, report: Report): void {
  try {
    if (!readCertificates(pem).every(der => describeCertificate(der).isCa))
      report(path, 'holds a certificate that is no authority', "give the root of the server's certificate")
  } catch (error) {
    if (!(error instanceof X509Error)) throw error
    report(path, `is broken: ${error.message}`, "give the PEM of the root of the server's certificate")
  }
}
