import {
  type CertificateDescription,
  createRevocationList,
  createTrustStore,
  type RevocationList,
  type TrustStore,
  type ValidationReason,
} from '@causeway/x509'
import type { GatewayConfiguration, GroupMember } from '../configuration.ts'
import type { AuthenticationMethod, Credentials, Identity, TunnelType, Verdict } from './identity.ts'
import { printableName } from './printable-name.ts'

/**
 * Azure certificate authentication: the client's certificate must chain to one of the gateway's
 * roots, be a client's, be valid now, and no certificate of the chain may be listed as revoked.
 *
 * Errors: as `createTrustStore` and `createRevocationList`.
 */
export function certificateMethod(
  configuration: GatewayConfiguration['certificateAuthentication'],
  tunnels: ReadonlySet<TunnelType>,
  unixSeconds: () => number,
): AuthenticationMethod {
  return new CertificateMethod(configuration, tunnels, unixSeconds)
}

class CertificateMethod implements AuthenticationMethod {
  readonly name = 'certificate'
  readonly tunnels: ReadonlySet<TunnelType>
  readonly #trust: TrustStore
  readonly #revoked: RevocationList
  readonly #unixSeconds: () => number

  constructor(
    configuration: GatewayConfiguration['certificateAuthentication'],
    tunnels: ReadonlySet<TunnelType>,
    unixSeconds: () => number,
  ) {
    this.tunnels = tunnels
    const { roots, intermediates, revokedThumbprints } = configuration
    this.#trust = createTrustStore({ roots, intermediates })
    this.#revoked = createRevocationList([...revokedThumbprints])
    this.#unixSeconds = unixSeconds
  }

  accepts(credentials: Credentials): boolean {
    return credentials.peerChain.length > 0
  }

  authenticate({ peerChain }: Credentials): Verdict {
    const [leaf, ...intermediates] = peerChain
    if (!leaf) return refusal('the client sent no certificate')
    const time = Math.floor(this.#unixSeconds())
    const validation = this.#trust.verify({ leaf, intermediates, time, purpose: 'client' })
    if (!validation.valid) {
      const subject = validation.subject === undefined ? '' : ` (${printableName(validation.subject)})`
      return refusal(
        `client certificate refused: ${WORDS[validation.reason]}${subject}: ${validation.detail}`,
      )
    }
    const listed = this.#revoked.revokedIn(validation.chain)
    if (listed !== undefined) return refusal(`client certificate refused: revoked (thumbprint ${listed})`)
    return allowed(validation.leaf)
  }

  recheck(credentials: Credentials, identity: Identity): Verdict {
    const verdict = this.authenticate(credentials)
    if (verdict.type === 'deny' || verdict.identity.user === identity.user) return verdict
    return refusal(`the certificate is now that of another user (${verdict.identity.user})`)
  }
}

const WORDS: Readonly<Record<ValidationReason, string>> = {
  'untrusted-root': 'it does not lead to a trusted root',
  expired: 'expired',
  'not-yet-valid': 'not yet valid',
  revoked: 'revoked by its issuer',
  purpose: 'not made for this purpose (a client needs clientAuth)',
  'key-too-small': 'its key is too small',
  signature: 'a signature does not verify',
  'path-length': 'the chain is longer than an authority in it allows',
  'name-constraints': 'outside the names that an authority in its chain may certify',
  'critical-extension': 'it has a critical extension that is not known',
  'crl-missing': 'no current revocation list',
  malformed: 'malformed',
  'chain-too-long': 'the chain is too long',
  other: 'not valid',
}

function refusal(reason: string): Verdict {
  return { type: 'deny', reason, userReason: 'certificate not accepted', temporary: false }
}

/** The user is the common name; without one, the first alternative name, or else the whole subject. */
function allowed({ commonName, subject, subjectAltNames, thumbprint }: CertificateDescription): Verdict {
  const user = printableName(commonName || subjectAltNames[0]?.value || subject)
  if (user === '') return refusal('client certificate refused: it names nobody')
  const description = `${printableName(subject)} (thumbprint ${thumbprint})`
  const domain = domainOf(commonName ?? '')
  const memberships: GroupMember[] = domain ? [{ type: 'CertificateGroupId', value: domain }] : []
  const identity = { user, description, thumbprint, ...(memberships.length > 0 && { memberships }) }
  return { type: 'allow', identity }
}

/** `DOMAIN\user` or `user@domain`, in ASCII: no other letter may pass for one of a domain's name. */
const DOMAIN_USER = /^(?:([A-Za-z0-9._-]+)\\[^\\@]+|[^\\@]+@([A-Za-z0-9._-]+))$/

/** The domain of a common name, lower case. */
function domainOf(commonName: string): string | undefined {
  const [, before, behind] = DOMAIN_USER.exec(commonName) ?? []
  return (before ?? behind)?.toLowerCase()
}
