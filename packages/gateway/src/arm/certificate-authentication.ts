import { quote, ROOT_CERTIFICATE_LIMIT, type VpnClientConfiguration } from '@causeway/api-contract'
import {
  type CertificateDescription,
  describeCertificate,
  parseThumbprint,
  readCertificates,
  X509Error,
} from '@causeway/x509'
import type { GatewayConfiguration } from '../configuration.ts'
import { checkChildNames } from './child-names.ts'
import type { Report } from './configuration-fault.ts'

/** One entry of `vpnClientRootCertificates`, parsed. */
interface Authority extends CertificateDescription {
  readonly der: Uint8Array
  readonly path: string
  readonly name: string
}

/**
 * Reads root, intermediate and revoked certificates. A self-issued authority is a root; any other is
 * an intermediate, whose issuer must stand before it, as Azure wants it uploaded.
 *
 * @param isNeeded whether clients sign in by certificate: RADIUS may judge certificates with roots of its own. If they
 * do not, roots may still stand in the document, and nothing is trusted for them.
 */
export function readCertificateAuthentication(
  clients: VpnClientConfiguration,
  isNeeded: boolean,
  p2sPath: string,
  report: Report,
): GatewayConfiguration['certificateAuthentication'] {
  const rootsPath = `${p2sPath}.vpnClientRootCertificates`
  const authorities = readAuthorities(clients, rootsPath, report)
  if (isNeeded && (clients.vpnClientRootCertificates ?? []).length === 0)
    report(rootsPath, 'is empty', 'add the root certificate of your clients')
  checkOrder(authorities, report)
  const trusted = isNeeded ? authorities : []
  const isRoot = ({ subject, issuer }: Authority): boolean => subject === issuer
  return {
    roots: trusted.filter(isRoot).map(({ der }) => der),
    intermediates: trusted.filter(entry => !isRoot(entry)).map(({ der }) => der),
    revokedThumbprints: readRevoked(clients, `${p2sPath}.vpnClientRevokedCertificates`, report),
  }
}

function readAuthorities(clients: VpnClientConfiguration, path: string, report: Report): Authority[] {
  const entries = clients.vpnClientRootCertificates ?? []
  if (entries.length > ROOT_CERTIFICATE_LIMIT)
    report(path, `holds ${entries.length} certificates`, `give at most ${ROOT_CERTIFICATE_LIMIT}`)
  checkChildNames(entries, path, report)
  return entries.flatMap(({ name, properties }, i) => {
    const place = `${path}[${i}]`
    const der = readOne(properties.publicCertData, name, `${place}.properties.publicCertData`, report)
    if (!der) return []
    const authority = { ...describeCertificate(der), der, path: place, name }
    if (!authority.isCa)
      report(place, `${quote(name)} is not a certificate authority`, 'give the root that issued your clients')
    return authority.isCa ? authority : []
  })
}

/** The certificate of an entry, which must hold just one. */
function readOne(data: string, name: string, path: string, report: Report): Uint8Array | undefined {
  try {
    const [first, ...more] = readCertificates(data)
    if (more.length === 0) return first
    report(
      path,
      `${quote(name)} holds ${more.length + 1} certificates`,
      'give each an entry of its own, roots first',
    )
  } catch (error) {
    if (!(error instanceof X509Error)) throw error
    const remedy = 'give the whole .cer file: base64 of DER, base64 of PEM, or PEM'
    report(path, `the certificate ${quote(name)} is broken: ${error.message}`, remedy)
  }
  return undefined
}

function checkOrder(authorities: readonly Authority[], report: Report): void {
  for (const [i, { subject, issuer, name, path }] of authorities.entries()) {
    const known = subject === issuer || authorities.slice(0, i).some(before => before.subject === issuer)
    if (!known)
      report(path, `the issuer of ${quote(name)} (${quote(issuer)}) is not above it`, 'add that one first')
  }
}

function readRevoked(clients: VpnClientConfiguration, path: string, report: Report): ReadonlySet<string> {
  const entries = clients.vpnClientRevokedCertificates ?? []
  checkChildNames(entries, path, report)
  const thumbprints = entries.flatMap(({ name, properties }, i) => {
    try {
      return parseThumbprint(properties.thumbprint ?? '')
    } catch (error) {
      if (!(error instanceof X509Error)) throw error
      report(`${path}[${i}].properties.thumbprint`, `that of ${quote(name)} is wrong`, error.message)
      return []
    }
  })
  return new Set(thumbprints)
}
