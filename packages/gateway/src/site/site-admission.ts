import { randomBytes } from 'node:crypto'
import type { Instant } from '@causeway/engine'
import type { Ikev2Reply, Ikev2Request, SessionId } from '@causeway/ikev2'
import { formatEndpoint } from '@causeway/wire'
import type { InboundJudge } from './inbound-judge.ts'
import type { LiveConnection } from './live-connection.ts'
import { connectionOfIdentity, tunnelOf } from './peer-identity.ts'
import type { SiteSession } from './site-session.ts'
import { ALL_SELECTORS, grantTerms, ownPart } from './site-terms.ts'

type Authenticate = Extract<Ikev2Request, { readonly type: 'authenticate' }>
type Secret = Extract<Ikev2Request, { readonly type: 'psk' }>

/** What sites say of a peer that has proven that a key is its own. */
export type SiteVerdict =
  | { readonly type: 'decided'; readonly reply: Ikev2Reply }
  /** It is no connection's. `meant`: the one that it seems to have been meant for, and why it is not that one's. */
  | {
      readonly type: 'not-ours'
      readonly meant?: { readonly connection: LiveConnection; readonly reason: string }
    }

/** A session that is about to be a connection's. */
export type Admitted = Pick<
  SiteSession,
  | 'connection'
  | 'tunnel'
  | 'terms'
  | 'material'
  | 'path'
  | 'ownIdentification'
  | 'peerSubject'
  | 'initialContactAt'
>

export interface SiteAdmissionOptions {
  readonly judge: InboundJudge
  /** Those that are configured. */
  readonly connections: () => readonly LiveConnection[]
  /** It is let in. */
  readonly begin: (session: SessionId, admitted: Admitted) => void
}

const SECRET_BYTES = 32
const ANY = { local: ALL_SELECTORS, remote: ALL_SELECTORS } as const

/** The door for peers of connections: whose they are, and whether they may come in. */
export class SiteAdmission {
  readonly #options: SiteAdmissionOptions
  /** Peers that are being judged. `isOver`: IKE waits for that no more. */
  readonly #judged = new Map<SessionId, { readonly since: Instant; isOver: boolean }>()
  /** Peers that were judged to be a connection's, and refused: what IKE says of their end is for nobody else. */
  readonly #turnedAway = new Set<SessionId>()
  /** Whose secret a peer was asked for; what it has proven then. */
  readonly #claims = new Map<SessionId, LiveConnection>()
  /** What goes with an identity that no connection has: nobody knows it, and it takes no other time to look it up. */
  readonly #nobodysSecret = new Uint8Array(randomBytes(SECRET_BYTES))

  constructor(options: SiteAdmissionOptions) {
    this.#options = options
  }

  /** Whether it is a connection's, as far as is known, though not let in. */
  knows(session: SessionId): boolean {
    return this.#claims.has(session) || this.#turnedAway.has(session)
  }

  /** The connection whose secret the peer of a session was asked for. */
  claimOf(session: SessionId): LiveConnection | undefined {
    return this.#claims.get(session)
  }

  forget(session: SessionId): void {
    this.#claims.delete(session)
    this.#turnedAway.delete(session)
  }

  /** IKE has refused a session by itself: whoever it is of is waited for no more. */
  noteRefused(session: SessionId): void {
    const judged = this.#judged.get(session)
    if (judged) judged.isOver = true
  }

  /** The secret of the connection that a peer claims to be; one that nobody knows where there is none. */
  secret(session: SessionId, request: Secret): Uint8Array {
    const connection = this.#claimed(request)
    const authentication = connection?.configuration.authentication
    if (!connection || authentication?.type !== 'psk') return this.#nobodysSecret
    this.#claims.set(session, connection)
    return authentication.secret
  }

  /** Whether a peer that has begun is a connection's. */
  async admit(session: SessionId, request: Authenticate, now: Instant): Promise<SiteVerdict> {
    const judged = { since: now, isOver: false }
    this.#judged.set(session, judged)
    try {
      const verdict = await this.#judge(session, request)
      // A client that nobody waits for any more would keep what it is given.
      if (judged.isOver && verdict.type === 'not-ours') return { type: 'decided', reply: TOO_LATE }
      const isDenied = verdict.type === 'decided' && verdict.reply.type === 'deny'
      if (isDenied && !judged.isOver) this.#turnedAway.add(session)
      return verdict
    } finally {
      this.#judged.delete(session)
    }
  }

  /** Whether the responder of our own dial is who it should be. */
  async judgeResponder(session: SiteSession, peerChain: readonly Uint8Array[]): Promise<Ikev2Reply> {
    const { connection } = session
    const { authentication } = connection.configuration
    // That it knows the secret has been seen; the terms have no certificate then.
    if (authentication.type === 'psk') return { type: 'allow', grant: ANY }
    const verdict = await this.#options.judge.judge(authentication, peerChain)
    if (verdict.type === 'refused')
      return { type: 'deny', reason: `the peer's certificate: ${verdict.message}` }
    session.peerSubject = verdict.subject
    connection.notePeer(verdict.notes)
    return { type: 'allow', grant: ANY }
  }

  async #judge(session: SessionId, request: Authenticate): Promise<SiteVerdict> {
    if (request.method === 'certificate') return this.#admitCertificate(session, request)
    const claimed = this.#claims.get(session)
    if (!claimed) return { type: 'not-ours' }
    return { type: 'decided', reply: await this.#letIn(session, claimed, request, undefined) }
  }

  #claimed({ identification, label, path }: Secret): LiveConnection | undefined {
    return connectionOfIdentity(this.#by('psk'), { identification, label, from: path.remote.address })
  }

  async #admitCertificate(session: SessionId, request: Authenticate): Promise<SiteVerdict> {
    let meant: { readonly connection: LiveConnection; readonly reason: string } | undefined
    for (const connection of this.#candidates(request)) {
      const { authentication } = connection.configuration
      if (authentication.type !== 'certificate') continue
      const { judgedBy } = connection
      const verdict = await this.#options.judge.judge(authentication, request.peerChain)
      if (verdict.type === 'refused') {
        meant ??= { connection, reason: verdict.message }
        continue
      }
      // What was judged by a configuration that is gone must not come in under the present one.
      if (connection.judgedBy !== judgedBy) return { type: 'decided', reply: CHANGED }
      connection.notePeer(verdict.notes)
      return { type: 'decided', reply: await this.#letIn(session, connection, request, verdict.subject) }
    }
    return { type: 'not-ours', ...(meant && { meant }) }
  }

  /** The one of its address, and those that want its certificate's subject. */
  #candidates({ label, peerChain: [leaf] }: Authenticate): ReadonlySet<LiveConnection> {
    const { judge } = this.#options
    const connections = this.#by('certificate')
    const labelled = connections.filter(({ id }) => id === label)
    const named = leaf ? judge.namedBy(connections, leaf) : []
    return new Set([...labelled, ...named])
  }

  #by(type: 'psk' | 'certificate'): readonly LiveConnection[] {
    return this.#options
      .connections()
      .filter(({ configuration }) => configuration.authentication.type === type)
  }

  async #letIn(
    session: SessionId,
    connection: LiveConnection,
    request: Authenticate,
    peerSubject: string | undefined,
  ): Promise<Ikev2Reply> {
    const { path, initialContact } = request
    const tunnel = tunnelOf(connection.configuration, request)
    if (!tunnel) return denied('the connection has no tunnel')
    const answer = await connection.incoming(session, tunnel.name)
    if (answer.type === 'refuse') {
      connection.refused.add(formatEndpoint(path.remote), answer.reason.message)
      return denied(answer.reason.message)
    }
    const judged = this.#judged.get(session)
    if (!judged || judged.isOver || connection.isGone) return TOO_LATE
    const { terms, material } = answer
    const { configuration, certificates } = connection
    const own = ownPart(configuration, certificates.of(material), tunnel, path.local.address)
    if (!own) return denied('the outbound certificate is no longer held')
    this.#options.begin(session, {
      connection,
      tunnel: tunnel.name,
      terms,
      material,
      path,
      ownIdentification: own.identification,
      peerSubject,
      initialContactAt: initialContact ? judged.since : undefined,
    })
    return { type: 'allow', grant: { ...ANY, terms: grantTerms(configuration, own) } }
  }
}

function denied(reason: string): Ikev2Reply {
  return { type: 'deny', reason }
}

const TOO_LATE: Ikev2Reply = denied('the peer was judged too late')
const CHANGED: Ikev2Reply = denied('the connection was changed while the peer was judged: it may begin again')
