import { isIP } from 'node:net'
import { type DeviceCertificate, quote, type SiteKeyType } from '@causeway/api-contract'
import {
  createPkcs12,
  describeCertificate,
  formatPem,
  type IssuedCertificate,
  type Issuer,
  issueServerCertificate,
  X509Error,
} from '@causeway/x509'
import { listClients } from '../profile/index.ts'
import { CommandError } from '../quick-start/index.ts'
import { CLOCK_SKEW_SECONDS, DAY_SECONDS, type Installation } from '../quick-start/installation.ts'

/** A certificate for one end of a connection to a site. */
export interface SiteCertificateRequest {
  readonly commonName: string
  /** DNS names and addresses. Absent: the common name, which has to be one then. */
  readonly names?: readonly string[]
  readonly keyType?: SiteKeyType
  readonly validDays?: number
}

/** Ours. */
const DEFAULT_KEY: SiteKeyType = 'rsa-2048'
const DEFAULT_DAYS = 365

/**
 * Issues a certificate for either end of a connection: for server and client authentication. Errors: `CommandError`
 * `InvalidParameter`.
 */
export async function issueSiteCertificate(
  authority: Issuer,
  { commonName, names, keyType = DEFAULT_KEY, validDays = DEFAULT_DAYS }: SiteCertificateRequest,
  now: number,
): Promise<IssuedCertificate> {
  const altNames = names ?? [commonName]
  try {
    return await issueServerCertificate(authority, {
      commonName,
      key: keyType,
      dnsNames: altNames.filter(name => isIP(name) === 0),
      ipAddresses: altNames.filter(name => isIP(name) !== 0),
      clientAuth: true,
      notBefore: now - CLOCK_SKEW_SECONDS,
      notAfter: now + validDays * DAY_SECONDS,
    })
  } catch (error) {
    throw issuingError(error, names === undefined)
  }
}

/** What cannot be issued was asked for wrongly, all but a fault of ours. */
function issuingError(error: unknown, isUnnamed: boolean): unknown {
  if (!(error instanceof X509Error)) return error
  const isWrongName = error.code === 'ERR_X509_ARGUMENT' && isUnnamed
  const remedy = isWrongName ? '; give its names or addresses with --san' : ''
  return new CommandError('InvalidParameter', `${error.message}${remedy}`)
}

/**
 * Issues a certificate for the device at the other side, with its key, which is kept nowhere. It is in the history.
 * Errors: `CommandError` `InvalidParameter`; `Conflict` for the name of a client; the store's.
 */
export async function issueDeviceCertificate(
  installation: Installation,
  authority: Issuer,
  { password, ...request }: SiteCertificateRequest & { readonly password: string },
): Promise<DeviceCertificate> {
  await refuseClientName(installation, request.commonName)
  const now = installation.unixSeconds()
  const { certificate, privateKey: key } = await issueSiteCertificate(authority, request, now)
  const chain = [authority.certificate]
  const { subject, serialNumber, thumbprint, notAfter: expiresAt } = describeCertificate(certificate)
  const described = { subject, serialNumber, thumbprint, expiresAt }
  const friendlyName = request.commonName
  const pkcs12 = createPkcs12({ privateKey: key, certificate, chain, password, friendlyName })
  await installation.data.documents.commit([
    {
      type: 'record',
      entry: {
        at: now,
        who: 'installation',
        action: 'certificates/issue',
        target: `certificates/${thumbprint.toLowerCase()}`,
        after: described,
      },
    },
  ])
  return {
    ...described,
    key,
    certificate: formatPem(certificate),
    issuers: chain.map(der => formatPem(der)).join(''),
    pkcs12: Buffer.from(pkcs12).toString('base64'),
    inboundChain: chain.map(der => Buffer.from(der).toString('base64')),
  }
}

/** Both are of one authority: with one name a user could pass for the device. */
async function refuseClientName(installation: Installation, commonName: string): Promise<void> {
  const clients = await listClients(installation)
  if (!clients.some(({ name }) => name.toLowerCase() === commonName.toLowerCase())) return
  throw new CommandError(
    'Conflict',
    `there is a client ${quote(commonName)}, whose certificate would pass for the device's; give another --subject`,
  )
}
