import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type AddedClient, CLIENT_NAME_PATTERN, type ClientKeyType, quote } from '@causeway/api-contract'
import { createTlsCryptV2ClientKey, formatTlsCryptV2ClientKey } from '@causeway/openvpn'
import { describeSystemError } from '@causeway/store'
import { asciiBytes } from '@causeway/wire'
import {
  createPkcs12,
  describeCertificate,
  formatPem,
  type IssuedCertificate,
  issueClientCertificate,
} from '@causeway/x509'
import { CommandError, type PreparedGateway } from '../quick-start/index.ts'
import { CLOCK_SKEW_SECONDS, DAY_SECONDS, type Installation } from '../quick-start/installation.ts'
import { readClient, storeClient } from './client-registry.ts'
import type { ClientCertificate, PackageFile } from './package-parts.ts'
import { profilePackage } from './profile-package.ts'
import { serverParts } from './server-parts.ts'
import { takesCertificates } from './sign-in.ts'
import { stagePackage } from './write-package.ts'

/** What a client is to get. */
export interface ClientRequest {
  readonly name: string
  /** Absolute path; default `clients/NAME` in the data directory. */
  readonly directory?: string
  readonly keyType?: ClientKeyType
  readonly validDays?: number
}

const PASSWORD_BYTES = 12
/** Ours. */
const DEFAULT_VALID_DAYS = 365

/**
 * Issues a client certificate and writes the client's profile package. The certificate is recorded
 * before the package appears, so that every certificate that is out can be revoked by name. A gateway where all
 * sign in by RADIUS or Entra ID issues none: its packages have the profiles alone, and are not recorded.
 *
 * Errors: `CommandError` `InvalidParameter` (name), `Conflict` (the name or the directory is taken, or
 * the gateway does not trust its own authority), `HostFailure`.
 */
export async function addClient(
  installation: Installation,
  gateway: PreparedGateway,
  request: ClientRequest,
): Promise<AddedClient> {
  const { name } = request
  checkName(name)
  await refuseTaken(installation, name)
  const isIssued = takesCertificates(gateway.configuration)
  if (isIssued) refuseUntrusted(gateway)
  const directory = request.directory ?? join(installation.data.path, 'clients', name)
  await makeParent(directory)
  const issued = isIssued ? await issueCertificate(installation, gateway, request) : undefined
  const files = packageFiles(installation, gateway, name, issued)
  const added = { name, directory, files: files.map(({ path }) => path) }
  if (!issued) {
    await (await stagePackage(directory, files)).publish()
    return added
  }
  await writeRecorded(installation, name, directory, files, issued)
  const { thumbprint, notAfter } = describeCertificate(issued.certificate)
  return { ...added, thumbprint, expiresAt: notAfter }
}

function checkName(name: string): void {
  if (new RegExp(CLIENT_NAME_PATTERN).test(name)) return
  const remedy = 'use up to 64 letters, digits, dots, hyphens, underscores and @, a letter or digit first'
  throw new CommandError('InvalidParameter', `${quote(name)} cannot be a client's name; ${remedy}`)
}

async function refuseTaken(installation: Installation, name: string): Promise<void> {
  const record = await readClient(installation, name)
  if (record?.certificates.some(({ revokedAt }) => revokedAt === undefined))
    throw new CommandError(
      'Conflict',
      `there is a client ${name} already; revoke it first, or choose another name`,
    )
}

/** A certificate that the gateway would then refuse helps nobody. */
function refuseUntrusted({ authority, configuration }: PreparedGateway): void {
  const own = Buffer.from(authority.certificate)
  if (configuration.certificateAuthentication.roots.some(root => own.equals(root))) return
  const remedy = "add ca.pem to vpnClientRootCertificates, or issue the certificate where your root's key is"
  throw new CommandError('Conflict', `the gateway does not trust its own authority; ${remedy}`)
}

async function issueCertificate(
  { unixSeconds }: Installation,
  { authority }: PreparedGateway,
  { name, keyType = 'rsa-2048', validDays = DEFAULT_VALID_DAYS }: ClientRequest,
): Promise<IssuedCertificate> {
  const now = unixSeconds()
  const authorityEnd = describeCertificate(authority.certificate).notAfter
  return issueClientCertificate(authority, {
    commonName: name,
    key: keyType,
    notBefore: now - CLOCK_SKEW_SECONDS,
    notAfter: Math.min(now + validDays * DAY_SECONDS, authorityEnd),
  })
}

function packageFiles(
  { crypto }: Installation,
  gateway: PreparedGateway,
  clientName: string,
  issued: IssuedCertificate | undefined,
): PackageFile[] {
  const { identity, authority } = gateway
  const certificate = issued && clientCertificate(issued, authority.certificate, clientName)
  const owner = issued ? describeCertificate(issued.certificate).thumbprint : clientName
  const metadata = { type: 'user', data: asciiBytes(owner) } as const
  const v2Key = createTlsCryptV2ClientKey(crypto, identity.tlsCryptV2ServerKey, metadata)
  return profilePackage({
    ...serverParts(gateway),
    clientName,
    ...(certificate && { certificate }),
    clientRoots: [authority.certificate],
    tlsCryptV2Key: formatTlsCryptV2ClientKey(v2Key),
  })
}

function clientCertificate(
  { certificate, privateKey }: IssuedCertificate,
  authorityDer: Uint8Array,
  friendlyName: string,
): ClientCertificate {
  const { keyType, keyBits } = describeCertificate(certificate)
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  const chain = [authorityDer]
  return {
    pem: formatPem(certificate),
    der: certificate,
    privateKey,
    authorityDer,
    keyType: appleKeyType(keyType, keyBits),
    pkcs12: createPkcs12({ privateKey, certificate, chain, password, friendlyName }),
    password,
  }
}

function appleKeyType(keyType: string, keyBits: number): ClientCertificate['keyType'] {
  if (keyType.toUpperCase().startsWith('RSA')) return 'RSA'
  return keyBits === 256 ? 'ECDSA256' : keyBits === 384 ? 'ECDSA384' : 'ECDSA521'
}

async function writeRecorded(
  installation: Installation,
  name: string,
  directory: string,
  files: readonly PackageFile[],
  { certificate }: IssuedCertificate,
): Promise<void> {
  const { thumbprint, notAfter } = describeCertificate(certificate)
  const issued = { thumbprint, issuedAt: installation.unixSeconds(), expiresAt: notAfter }
  const staged = await stagePackage(directory, files)
  const former = (await readClient(installation, name))?.certificates ?? []
  try {
    await storeClient(installation, { name, certificates: [...former, issued] })
    await staged.publish()
  } catch (error) {
    await staged.discard()
    // The key is gone with the package: a record would only hold the name.
    await storeClient(installation, { name, certificates: former })
    throw error
  }
}

async function makeParent(directory: string): Promise<void> {
  try {
    await mkdir(dirname(directory), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new CommandError('HostFailure', `cannot make ${dirname(directory)}: ${describeSystemError(error)}`)
  }
}
