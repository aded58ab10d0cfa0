import { canonicalName, quote } from '@causeway/api-contract'
import { describeCertificate, readCertificates, X509Error } from '@causeway/x509'
import type { GatewayConfiguration } from '../configuration.ts'
import { CommandError } from '../quick-start/index.ts'
import type { ProfilePackageRequest } from './package-request.ts'

/** What a request comes to for this gateway. */
export interface PackageWishes {
  readonly architectures: readonly Architecture[]
  /** DER: what the request names. */
  readonly clientRoots: readonly Uint8Array[]
  /** DER: native clients do EAP-TLS with a RADIUS server of this root. */
  readonly radiusRoot?: Uint8Array
}

const ARCHITECTURES = ['Amd64', 'X86'] as const
type Architecture = (typeof ARCHITECTURES)[number]
const METHODS = ['EAPTLS', 'EAPMSCHAPv2'] as const
type Method = (typeof METHODS)[number]

/**
 * Reads a request against what the gateway's users sign in by. Certificates are read even where nothing wants them: one
 * that is none is the caller's mistake in either case.
 *
 * Errors: `CommandError` `InvalidParameter`, whose details have the target.
 */
export function readRequest(
  configuration: GatewayConfiguration,
  request: ProfilePackageRequest,
): PackageWishes {
  const { radiusServerAuthCertificate } = request
  const architecture = readName(request, 'processorArchitecture', ARCHITECTURES)
  const method = readName(request, 'authenticationMethod', METHODS)
  if (method) checkMethod(configuration, method)
  const radius =
    radiusServerAuthCertificate === undefined ? undefined : readRadiusRoot(radiusServerAuthCertificate)
  const clientRoots = (request.clientRootCertificates ?? []).map((text, i) =>
    readCertificate(text, `clientRootCertificates[${i}]`),
  )
  const wishes = {
    architectures: architecture ? [architecture] : ARCHITECTURES,
    clientRoots,
  }
  if (method !== 'EAPTLS' || !hasNativeRadius(configuration)) return wishes
  if (!radius) throw refused('radiusServerAuthCertificate', 'is missing', RADIUS_REMEDY)
  return { ...wishes, radiusRoot: radius }
}

const RADIUS_REMEDY =
  'give the root of the RADIUS server, which clients check in EAPTLS, or ask for EAPMSCHAPv2'

/** ARM's names are the same in any case; PowerShell's are `EapTls` and `EapMSChapv2`. */
function readName<Name extends string>(
  request: ProfilePackageRequest,
  target: 'processorArchitecture' | 'authenticationMethod',
  known: readonly Name[],
): Name | undefined {
  const text = request[target]
  const name = text === undefined ? undefined : canonicalName(known, text)
  if (text !== undefined && !name)
    throw refused(
      target,
      `is ${quote(text)}, which is not known`,
      `use ${known.join(' or ')}, or leave it out`,
    )
  return name
}

/** Whether clients of a tunnel type that has EAP sign in by RADIUS. */
function hasNativeRadius({ authentication }: GatewayConfiguration): boolean {
  return (['IkeV2', 'SSTP'] as const).some(tunnel => authentication.get(tunnel)?.has('Radius'))
}

/** Azure's own instructions ask for EAPTLS where users sign in by certificate or by Entra ID. */
function checkMethod(configuration: GatewayConfiguration, method: Method): void {
  const types = new Set([...configuration.authentication.values()].flatMap(methods => [...methods]))
  const allowed: Method[] = [
    ...(types.has('Certificate') || types.has('AAD') || hasNativeRadius(configuration)
      ? ['EAPTLS' as const]
      : []),
    ...(types.has('Radius') ? ['EAPMSCHAPv2' as const] : []),
  ]
  if (allowed.includes(method)) return
  const problem = `is ${method}, which the gateway's vpnAuthenticationTypes (${[...types].join(', ')}) cannot do`
  throw refused('authenticationMethod', problem, `use ${allowed.join(' or ')}, or leave it out`)
}

/** A root is all by which every kind of client can know the server. */
function readRadiusRoot(text: string): Uint8Array {
  const target = 'radiusServerAuthCertificate'
  const der = readCertificate(text, target)
  const { isCa, subject, issuer } = describeCertificate(der)
  if (isCa || subject === issuer) return der
  throw refused(
    target,
    `is not a root: ${issuer} issued it`,
    "give the root of the RADIUS server's certificate",
  )
}

function readCertificate(text: string, target: string): Uint8Array {
  const certificates = certificatesOf(text, target)
  const [certificate] = certificates
  if (certificate && certificates.length === 1) return certificate
  throw refused(target, `holds ${certificates.length} certificates`, 'give one, as base64 of its DER form')
}

function certificatesOf(text: string, target: string): readonly Uint8Array[] {
  try {
    return readCertificates(text)
  } catch (error) {
    if (!(error instanceof X509Error)) throw error
    throw refused(target, `is no certificate: ${error.message}`, 'give one, as base64 of its DER form')
  }
}

function refused(target: string, problem: string, remedy: string): CommandError {
  const message = `${target} ${problem}; ${remedy}`
  return new CommandError('InvalidParameter', message, [{ code: 'InvalidParameter', message, target }])
}
