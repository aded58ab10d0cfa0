import { setTimeout as pause } from 'node:timers/promises'
import {
  type CertificateDescription,
  createRevocationChecker,
  createRevocationFetch,
  describeCertificate,
  type InboundTrust,
  type InboundTrustRefusal,
  judgeInboundChain,
  matchesSubjectName,
  parseSubjectName,
  type RevocationChecker,
  type RevocationFetch,
  type RevocationMode,
  type RevocationReport,
  readInboundTrust,
} from '@causeway/x509'
import { subjectKeyHash } from '../ikev2/common-terms.ts'
import type { SiteAuthentication, SiteConnection } from './site-configuration.ts'

/** What a connection makes of a peer's certificate. */
export type PeerVerdict =
  | { readonly type: 'accepted'; readonly subject: string; readonly notes: readonly string[] }
  /** `message`: one sentence for the operator. */
  | { readonly type: 'refused'; readonly message: string }

type ByCertificate = Extract<SiteAuthentication, { readonly type: 'certificate' }>

/** Ours: IKE waits 30 s for a decision. What is not known by then is not known. */
const REVOCATION_MILLISECONDS = 20_000
/** A trusted root may expire: the chain is read again after so long. */
const TRUST_SECONDS = 600

interface Remembered {
  readonly trust: InboundTrust | InboundTrustRefusal
  readonly until: number
}

/** Judges peers by the inbound chains and subjects of connections. */
export class InboundJudge {
  readonly #unixSeconds: () => number
  readonly #fetch: RevocationFetch
  readonly #trusts = new WeakMap<ByCertificate, Remembered>()
  /** What was learned of a certificate counts for all connections. */
  readonly #checkers = new Map<RevocationMode, RevocationChecker>()

  constructor(unixSeconds: () => number, fetch: RevocationFetch = createRevocationFetch()) {
    this.#unixSeconds = unixSeconds
    this.#fetch = fetch
  }

  /** Whom the connection trusts, or what is wrong with its inbound chain. */
  trustOf(authentication: ByCertificate): InboundTrust | InboundTrustRefusal {
    const now = Math.floor(this.#unixSeconds())
    const known = this.#trusts.get(authentication)
    if (known && now < known.until && now > known.until - 2 * TRUST_SECONDS) return known.trust
    const { inboundSubject: subjectName, inboundChain: chain } = authentication
    const trust = readInboundTrust({ subjectName, chain, unixSeconds: now })
    this.#trusts.set(authentication, { trust, until: now + TRUST_SECONDS })
    return trust
  }

  /** What the operator should know of whom the connection trusts, or what is wrong with that by now. */
  notesOn({ authentication }: SiteConnection): readonly string[] {
    if (authentication.type !== 'certificate') return []
    const trust = this.trustOf(authentication)
    return trust.type === 'trust' ? trust.notes : [trust.message]
  }

  /** SHA-1 of the keys of the connection's roots: by them a peer knows which of its certificates to send. */
  authorityKeyHashes({ authentication }: SiteConnection): readonly Uint8Array[] {
    const trust = authentication.type === 'certificate' ? this.trustOf(authentication) : undefined
    return trust?.type === 'trust' ? trust.roots.map(subjectKeyHash) : []
  }

  /** Those that want the subject that the certificate has: all else is still to be judged. */
  namedBy<Connection extends { readonly configuration: SiteConnection }>(
    connections: readonly Connection[],
    leaf: Uint8Array,
  ): readonly Connection[] {
    const description = descriptionOf(leaf)
    if (!description) return []
    return connections.filter(({ configuration: { authentication } }) => {
      if (authentication.type !== 'certificate') return false
      return matchesSubjectName(parseSubjectName(authentication.inboundSubject), description)
    })
  }

  /** Errors: none but defects of ours. */
  async judge(authentication: ByCertificate, peerChain: readonly Uint8Array[]): Promise<PeerVerdict> {
    const trust = this.trustOf(authentication)
    if (trust.type === 'refused')
      return { type: 'refused', message: `the connection's inbound chain: ${trust.message}` }
    const unixSeconds = Math.floor(this.#unixSeconds())
    const request = { trust, peerChain, unixSeconds }
    const judged = judgeInboundChain(request)
    const { revocation: mode } = authentication
    if (judged.type === 'refused' || mode === 'off') return verdictOf(judged)
    return verdictOf(
      judgeInboundChain({ ...request, revocation: await this.#revocation(mode, judged.chain, unixSeconds) }),
    )
  }

  async #revocation(
    mode: RevocationMode,
    chain: readonly Uint8Array[],
    unixSeconds: number,
  ): Promise<RevocationReport> {
    const checker = this.#checkers.get(mode) ?? createRevocationChecker({ mode, fetch: this.#fetch })
    this.#checkers.set(mode, checker)
    const tooLate = new AbortController()
    const late = pause(REVOCATION_MILLISECONDS, { mode, statuses: [] }, { signal: tooLate.signal })
    late.catch(() => undefined)
    try {
      return await Promise.race([checker.check({ chain, unixSeconds }), late])
    } finally {
      tooLate.abort()
    }
  }
}

/** A peer may send what is no certificate. */
function descriptionOf(leaf: Uint8Array): CertificateDescription | undefined {
  try {
    return describeCertificate(leaf)
  } catch {
    return undefined
  }
}

function verdictOf(judged: ReturnType<typeof judgeInboundChain>): PeerVerdict {
  if (judged.type === 'refused') return { type: 'refused', message: judged.message }
  return { type: 'accepted', subject: judged.subject, notes: judged.notes }
}
