import { X509Certificate } from 'node:crypto'
import { createSigner, type Signer } from '@causeway/crypto-node'
import {
  addressIdentification,
  distinguishedNameIdentification,
  type Identification,
  mailIdentification,
  nameIdentification,
} from '@causeway/ikev2'
import type { ConnectionReply, MaterialRefusal } from '@causeway/site-to-site'
import { parseIpAddress } from '@causeway/wire'
import {
  describeCertificate,
  judgeOutboundCertificate,
  type SubjectAltName,
  subjectBytes,
} from '@causeway/x509'
import type { CertificateReader, ReadCertificate } from './certificate-reader.ts'
import type { OutboundCertificateRecord } from './connection-record.ts'

/** A version of a connection's certificate with its key, for as long as sessions use it. */
export interface HeldCertificate {
  /** DER, leaf first, as it is sent. */
  readonly chain: readonly Uint8Array[]
  readonly signer: Signer
  /** The subject, and what else the certificate calls us. */
  readonly identification: Identification
  readonly otherIdentifications: readonly Identification[]
  readonly record: OutboundCertificateRecord
  readonly notes: readonly string[]
}

const NO_READER: MaterialRefusal = {
  reason: 'unreachable',
  message: 'The key vault is not at hand: the management API does not run. Start it.',
  isTemporary: true,
}

/** The versions of one connection's outbound certificate that are in use. */
export class OutboundCertificates {
  readonly #held = new Map<string, HeldCertificate>()

  /**
   * Reads and judges the certificate that an identifier names, and holds it if it fits. Errors: none; what goes wrong on
   * our side is a refusal too.
   *
   * @param isWanted whether the answer is still waited for: what is not is not held.
   */
  async fetch(
    reader: CertificateReader | undefined,
    id: string,
    unixSeconds: () => number,
    isWanted: () => boolean,
  ): Promise<ConnectionReply> {
    if (!reader) return { type: 'material-refused', refusal: NO_READER }
    const read = await reader.readCertificate(id)
    if (read.type === 'refused') return { type: 'material-refused', refusal: read }
    const held = heldCertificate(read, unixSeconds())
    if ('reason' in held) return { type: 'material-refused', refusal: held }
    const { version, notAfterSeconds } = held.record
    if (isWanted()) this.#held.set(version, held)
    const fingerprint = new X509Certificate(held.chain[0] as Uint8Array).fingerprint256.replaceAll(':', '')
    return {
      type: 'material',
      material: { version, notAfterSeconds, fingerprint: fingerprint.toLowerCase() },
    }
  }

  of(version: string | undefined): HeldCertificate | undefined {
    return version === undefined ? undefined : this.#held.get(version)
  }

  /** The one that was read last. */
  newest(): HeldCertificate | undefined {
    return [...this.#held.values()].at(-1)
  }

  /** Whose certificate, DER, this is. */
  signerOf(certificate: Uint8Array): Signer | undefined {
    for (const { chain, signer } of this.#held.values())
      if (Buffer.compare(chain[0] as Uint8Array, certificate) === 0) return signer
    return undefined
  }

  release(version: string): void {
    this.#held.delete(version)
  }

  clear(): void {
    this.#held.clear()
  }
}

function heldCertificate(
  { version, chain, privateKey }: ReadCertificate,
  unixSeconds: number,
): HeldCertificate | MaterialRefusal {
  const judged = judgeOutboundCertificate({ chain, privateKey, unixSeconds: Math.floor(unixSeconds) })
  if (judged.type === 'refused')
    return {
      reason: 'unfit',
      message: `The outbound certificate is refused: ${judged.message}`,
      isTemporary: false,
    }
  const leaf = judged.chainToSend[0] as Uint8Array
  const { subjectAltNames, thumbprint, subject } = describeCertificate(leaf)
  return {
    chain: judged.chainToSend,
    signer: createSigner(privateKey),
    identification: distinguishedNameIdentification(subjectBytes(leaf)),
    otherIdentifications: subjectAltNames.flatMap(alternativeIdentification),
    record: { version, subject, thumbprint, notAfterSeconds: judged.notAfter },
    notes: judged.notes,
  }
}

function alternativeIdentification({ type, value }: SubjectAltName): Identification[] {
  switch (type) {
    case 'dns':
      return [nameIdentification(value)]
    case 'email':
      return [mailIdentification(value)]
    case 'ip': {
      const address = parseIpAddress(value)
      return address ? [addressIdentification(address)] : []
    }
    case 'uri':
      return []
    default:
      return type satisfies never
  }
}
