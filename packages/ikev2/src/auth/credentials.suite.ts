import type { SignatureScheme } from '@causeway/crypto'
import { createSigner, type Signer } from '@causeway/crypto-node'
import { type IssuedCertificate, issueClientCertificate, issueRoot, type KeyAlgorithm } from '@causeway/x509'
import type { Ikev2Reply } from '../command.ts'
import type { Ikev2Request } from '../output.ts'
import type { OwnCredential } from '../peer-terms.ts'

const VALIDITY = { notBefore: 1_700_000_000, notAfter: 1_900_000_000 }

/** A certificate with its issuer's, and a gateway that signs with its key. */
export interface Credential {
  readonly chain: readonly Uint8Array[]
  readonly signer: Signer
  /** As terms, with these schemes or all that the key has. */
  own(schemes?: readonly SignatureScheme[]): OwnCredential
  sign(request: Ikev2Request): Ikev2Reply | undefined
}

/** Makes one of each kind; RSA takes its time, so once for a file. */
export async function createCredentials<Name extends string>(
  kinds: Readonly<Record<Name, KeyAlgorithm>>,
): Promise<Record<Name, Credential>> {
  const root = await issueRoot({ commonName: 'Test Root', key: 'ecdsa-p256', ...VALIDITY })
  const made: Partial<Record<Name, Credential>> = {}
  for (const name of Object.keys(kinds) as Name[]) {
    const options = { commonName: name, key: kinds[name], ...VALIDITY }
    made[name] = credential(await issueClientCertificate(root, options), root)
  }
  return made as Record<Name, Credential>
}

function credential(leaf: IssuedCertificate, root: IssuedCertificate): Credential {
  const signer = createSigner(leaf.privateKey)
  const chain = [leaf.certificate, root.certificate]
  return {
    chain,
    signer,
    own: (schemes = signer.schemes) => ({ type: 'certificate', chain, schemes }),
    sign: request =>
      request.type === 'sign'
        ? { type: 'signature', signature: signer.sign(request.scheme, request.parts) }
        : undefined,
  }
}
