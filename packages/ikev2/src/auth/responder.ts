import type { Instant } from '@causeway/engine'
import type { Grant, Ikev2Reply } from '../command.ts'
import { notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import type { OwnCredential } from '../peer-terms.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { AUTH_METHOD, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage, Payload, PayloadOf } from '../wire/payload.ts'
import { type AuthRequest, ownIdentification, readAuthRequest } from './auth-request.ts'
import type { Authentication, EapCommand } from './authentication.ts'
import { writeChain } from './certificates.ts'
import { type EapProof, EapServer } from './eap-server.ts'
import { requestSignature } from './own-signature.ts'
import { checkSecret, checkSignature, proveSecret } from './proof.ts'
import { letIn, type Welcome } from './responder-welcome.ts'
import { secretByIdentity } from './secret-by-identity.ts'
import { settleTerms } from './session-terms.ts'

/**
 * - `first`: nothing has come.
 * - `outside`: the grant or our signature is asked for; the peer waits.
 * - `eap`: the conversation has the word.
 * - `over`: decided, either way. Nothing overrides that.
 */
type Stage = 'first' | 'outside' | 'eap' | 'over'

/** How the peer has proved itself, and who it said it is. */
type Proven =
  | { readonly method: 'certificate'; readonly request: AuthRequest }
  /** `byIdentity`: the terms have no secret; this one goes with its identity, and proves us too. */
  | {
      readonly method: 'psk'
      readonly request: AuthRequest
      readonly secret: Uint8Array
      readonly byIdentity: boolean
    }
  | { readonly method: 'eap'; readonly request: AuthRequest; readonly proof: EapProof }

/**
 * The responder's side of IKE_AUTH (RFC 7296 §1.2, §2.15, §2.16): possession of the key is checked first, then the
 * outside judges who that is and what it may have, then we prove ourselves, then comes the first Child SA. Every
 * refusal is AUTHENTICATION_FAILED to the peer (INVALID_SYNTAX where its message is none); the reason is in the event.
 *
 * No address, no room (`deny` with `full`): INTERNAL_ADDRESS_FAILURE alone, and the IKE SA ends. RFC 7296 §3.15.4
 * would keep one without Child SA; a client that cannot have an address has no use for it.
 */
export class ResponderAuthentication implements Authentication {
  readonly #sa: IkeSa
  readonly #initial: InitialMessages
  #stage: Stage = 'first'
  #eap: EapServer | undefined

  constructor(sa: IkeSa, initial: InitialMessages) {
    this.#sa = sa
    this.#initial = initial
  }

  answer({ payloads }: IkeMessage, now: Instant): Answer {
    switch (this.#stage) {
      case 'first':
        return this.#answerFirst(payloads, now)
      case 'eap':
        return this.#eap?.answer(payloads, now) ?? OUT_OF_TURN
      case 'outside':
      case 'over':
        return OUT_OF_TURN
      default:
        return this.#stage satisfies never
    }
  }

  handleEap(command: EapCommand, now: Instant): void {
    if (this.#stage === 'eap') this.#eap?.handle(command, now)
  }

  close(): void {
    this.#stage = 'over'
    this.#eap?.close()
  }

  #answerFirst(payloads: readonly Payload[], now: Instant): Answer {
    const request = readAuthRequest(payloads)
    if ('refused' in request) return this.#refuse(request.refused, request.notify)
    this.#noteTraits(request)
    if (!request.auth) return this.#startEap(request, now)
    if (request.auth.method === AUTH_METHOD.SHARED_KEY) return this.#answerSecret(request, request.auth, now)
    return this.#answerSignature(request, request.auth, now)
  }

  #answerSignature(request: AuthRequest, auth: PayloadOf<'AUTH'>, now: Instant): Answer {
    if (!this.#sa.terms.peer.certificate) return this.#refuse(this.#notAccepted(auth))
    const { identification, chain } = request
    const prover = { end: 'initiator', identification } as const
    const wrong = checkSignature(this.#sa, this.#initial, prover, chain, auth)
    if (wrong) return this.#refuse(wrong)
    this.#askGrant({ method: 'certificate', request }, now)
    return { type: 'later' }
  }

  #answerSecret(request: AuthRequest, auth: PayloadOf<'AUTH'>, now: Instant): Answer {
    const { psk: secret, pskByIdentity } = this.#sa.terms.peer
    // An empty secret is one that everybody knows.
    if (secret && secret.length > 0) {
      const prover = { end: 'initiator', identification: request.identification } as const
      const wrong = checkSecret(this.#sa, this.#initial, prover, secret, auth)
      if (wrong) return this.#refuse(wrong)
      this.#askGrant({ method: 'psk', request, secret, byIdentity: false }, now)
      return { type: 'later' }
    }
    if (!pskByIdentity) return this.#refuse(this.#notAccepted(auth))
    this.#stage = 'outside'
    secretByIdentity(this.#sa, this.#initial, { request, auth }, now, (found, then) => {
      if ('refused' in found) this.#respondRefusal(found.refused, then)
      else this.#askGrant({ method: 'psk', request, secret: found.secret, byIdentity: true }, then)
    })
    return { type: 'later' }
  }

  #noteTraits({ configuration, mobike }: AuthRequest): void {
    const { peer } = this.#sa
    peer.mobike = mobike
    if (configuration) peer.askedAddresses = { ipv4: configuration.ipv4, ipv6: configuration.ipv6 }
    if (configuration?.microsoft && peer.software === '') peer.software = 'Windows'
  }

  #startEap(request: AuthRequest, now: Instant): Answer {
    const { own, peer } = this.#sa.terms
    if (!peer.eap) return this.#refuse('EAP is not allowed')
    // RFC 7296 §2.16: beside EAP the responder signs; a shared secret would let any client play the gateway.
    if (own.type !== 'certificate') return this.#refuse('EAP without a certificate of our own')
    this.#stage = 'eap'
    this.#eap = new EapServer(this.#sa, this.#initial, { request, own }, (proof, then) =>
      this.#askGrant({ method: 'eap', request, proof }, then),
    )
    return this.#eap.start(now)
  }

  #notAccepted({ method }: PayloadOf<'AUTH'>): string {
    const { certificate, psk, pskByIdentity, eap } = this.#sa.terms.peer
    const brought = method === AUTH_METHOD.SHARED_KEY ? 'a pre-shared key' : 'a certificate'
    const accepted = [
      ...(certificate ? ['certificate'] : []),
      ...(pskByIdentity || (psk && psk.length > 0) ? ['pre-shared key'] : []),
      ...(eap ? ['EAP'] : []),
    ]
    return `the peer brought ${brought} (AUTH method ${method}); IKEv2 accepts: ${accepted.join(', ') || 'nothing'}`
  }

  #askGrant(proven: Proven, now: Instant): void {
    const { session, surroundings, path, peer, terms } = this.#sa
    const { method, request } = proven
    this.#stage = 'outside'
    surroundings.request(
      session,
      {
        type: 'authenticate',
        method,
        path,
        label: terms.label,
        identification: request.identification,
        wanted: request.wanted,
        peerChain: method === 'certificate' ? request.chain : [],
        configuration: request.configuration,
        local: request.child?.responder ?? [],
        remote: request.child?.initiator ?? [],
        client: { software: peer.software, vendorIds: peer.vendorIds },
        initialContact: request.initialContact,
      },
      now,
      (reply, then) => this.#decided(proven, reply, then),
    )
  }

  #decided(proven: Proven, reply: Ikev2Reply | undefined, now: Instant): void {
    if (reply?.type === 'allow') this.#settle(proven, reply.grant, now)
    else if (reply?.type === 'deny')
      this.#respondRefusal(
        reply.reason,
        now,
        reply.full ? NOTIFY.INTERNAL_ADDRESS_FAILURE : NOTIFY.AUTHENTICATION_FAILED,
      )
    else this.#respondRefusal('nobody has decided on the peer in time', now)
  }

  #settle(proven: Proven, grant: Grant, now: Instant): void {
    const wrong = grant.terms && settleTerms(this.#sa, grant.terms, proven)
    if (wrong) this.#respondRefusal(wrong, now)
    else this.#prove(proven, grant, now)
  }

  #prove(proven: Proven, grant: Grant, now: Instant): void {
    const own = this.#ownCredential(proven, grant)
    const identification = ownIdentification(this.#sa.terms, proven.request)
    const idr: Payload = { type: 'IDr', identification }
    if (proven.method === 'eap') {
      this.#letIn(proven, grant, [proven.proof.ownAuth], now)
    } else if (own.type === 'psk') {
      const prover = { end: 'responder', identification } as const
      const auth = proveSecret(this.#sa, this.#initial, prover, own.secret)
      this.#letIn(proven, grant, [idr, auth], now)
    } else if (own.type === 'certificate') {
      requestSignature(this.#sa, this.#initial, { own, identification }, now, (auth, then) => {
        if (typeof auth === 'string') this.#respondRefusal(auth, then)
        else this.#letIn(proven, grant, [idr, ...writeChain(own.chain), auth], then)
      })
    } else this.#respondRefusal('a responder has no EAP of its own', now)
  }

  #ownCredential(proven: Proven, { terms }: Grant): OwnCredential {
    if (proven.method === 'psk' && proven.byIdentity && !terms?.own)
      return { type: 'psk', secret: proven.secret }
    return this.#sa.terms.own
  }

  #letIn({ method, request }: Proven, grant: Grant, opening: readonly Payload[], now: Instant): void {
    const welcome: Welcome = { method, request, grant, opening }
    this.#stage = 'over'
    letIn(this.#sa, this.#initial, welcome, now)
    this.close()
  }

  #refuse(reason: string, type: number = NOTIFY.AUTHENTICATION_FAILED): Answer {
    this.#stage = 'over'
    return { type: 'respond-and-end', payloads: [notify(type)], reason, byPeer: false }
  }

  #respondRefusal(reason: string, now: Instant, type: number = NOTIFY.AUTHENTICATION_FAILED): void {
    this.#stage = 'over'
    this.#sa.exchanges.respond([notify(type)], now, { reason, byPeer: false })
  }
}

const OUT_OF_TURN: Answer = { type: 'ignore', reason: 'IKE_AUTH out of turn' }
