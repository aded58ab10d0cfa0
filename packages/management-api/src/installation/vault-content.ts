import type { CertificateVerdict, TrustedCertificate } from '@causeway/api-contract'
import { trustedCertificate } from '@causeway/gateway'
import { type CertificateBundle, type Vault, VaultError } from '@causeway/key-vault'
import {
  describeCertificate,
  formatPem,
  judgeOutboundCertificate,
  type OutboundMaterial,
  readCertificates,
  readKeyBundle,
  X509Error,
} from '@causeway/x509'

/** A version of a certificate, with what its vault holds of it. */
export type VaultContent =
  | { readonly type: 'read'; readonly material: Omit<OutboundMaterial, 'unixSeconds'> }
  /** Why nobody can read it. */
  | { readonly type: 'closed'; readonly code: string; readonly message: string }

/** Reads a certificate with its key and issuers, as its owner. Errors: the vault's. */
export async function readVaultContent(vault: Vault, { sid, id }: CertificateBundle): Promise<VaultContent> {
  const [name = '', version] = sid.split('/').slice(-2)
  try {
    const { value } = await vault.secrets.get(name, version)
    return { type: 'read', material: materialOf(value) }
  } catch (error) {
    if (error instanceof VaultError && error.innerCode === 'SecretDisabled')
      return { type: 'closed', code: 'disabled', message: `${id} is disabled: enable it in its vault` }
    if (error instanceof X509Error)
      return { type: 'closed', code: 'unreadable', message: `${id} cannot be read: ${error.message}` }
    throw error
  }
}

/** A certificate whose key may not leave its vault is there without it. */
function materialOf(value: string): Omit<OutboundMaterial, 'unixSeconds'> {
  try {
    const { privateKey, certificate, chain } = readKeyBundle(value, undefined).bundle
    return { chain: [certificate, ...chain], privateKey }
  } catch (error) {
    if (error instanceof X509Error && error.code === 'ERR_X509_NO_KEY')
      return { chain: readCertificates(value) }
    throw error
  }
}

/** What a connection would make of it as its outbound certificate. */
export function outboundVerdict(content: VaultContent, unixSeconds: number): CertificateVerdict {
  if (content.type === 'closed') return { accepted: false, code: content.code, message: content.message }
  const judged = judgeOutboundCertificate({ ...content.material, unixSeconds })
  if (judged.type === 'accepted') return { accepted: true, notes: judged.notes }
  return { accepted: false, code: judged.code, message: judged.message }
}

/** What the other side has to trust of a certificate: its root first, then its intermediates. */
export function trustOf(
  chain: readonly Uint8Array[],
  leaf: Uint8Array,
): { readonly trust: readonly TrustedCertificate[]; readonly missingIssuer?: string } {
  const path: Uint8Array[] = []
  let { issuer, subject } = describeCertificate(leaf)
  if (issuer === subject) return { trust: [trustedCertificate(leaf)] }
  while (issuer !== subject) {
    const next = chain.find(der => !path.includes(der) && describeCertificate(der).subject === issuer)
    if (!next) return { trust: shown(path), missingIssuer: issuer }
    path.push(next)
    ;({ issuer, subject } = describeCertificate(next))
  }
  return { trust: shown(path) }
}

function shown(path: readonly Uint8Array[]): readonly TrustedCertificate[] {
  return path.toReversed().map(trustedCertificate)
}

/** A certificate with its key and its issuers, as a vault imports it. */
export function pemContent(key: string, chain: readonly Uint8Array[]): string {
  return [`${key.trimEnd()}\n`, ...chain.map(der => formatPem(der))].join('')
}
