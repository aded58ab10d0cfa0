import type { Instant } from '@causeway/engine'
import type { ChildScope } from '../child/children.ts'
import { type ChildOffer, offerFirstChild, withdrawOffer, writeOffer } from '../child/offer-child.ts'
import type { Ikev2Reply } from '../command.ts'
import { findError, findPayload, notify } from '../exchange/notify.ts'
import type { Answer, Task } from '../exchange/task.ts'
import type { Ikev2Request } from '../output.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { notifyName } from '../wire/notify-name.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeMessage, Payload, PayloadOf } from '../wire/payload.ts'
import type { Authentication, EapCommand } from './authentication.ts'
import { writeCertificateRequest, writeChain } from './certificates.ts'
import { writeConfigurationRequest } from './configuration.ts'
import { EapClient } from './eap-client.ts'
import { comeIn } from './initiator-entry.ts'
import { requestSignature } from './own-signature.ts'
import { proveSecret } from './proof.ts'
import { checkServer, type Server } from './server-proof.ts'

/**
 * - `begin`: nothing is sent. `signing`: our signature is asked for. `ready`: the first request can go.
 * - `asked`: it is out.
 * - `judging`: the server has proved itself, and the outside judges who it is.
 * - `eap`: the conversation has the word.
 * - `refusing`: we do not want this server, and tell it. `over`: done with.
 */
type Stage =
  | { readonly type: 'begin' | 'signing' | 'asked' | 'judging' | 'over' }
  | { readonly type: 'ready'; readonly auth: PayloadOf<'AUTH'> }
  | { readonly type: 'eap'; readonly server: Server; readonly client: EapClient }
  | { readonly type: 'refusing'; readonly reason: string; readonly sent: boolean }

/**
 * The initiator's task of IKE_AUTH, EAP included (RFC 7296 §1.2, §2.15, §2.16). Errors:
 * `ERR_IKEV2_NO_INITIAL_MESSAGES` for an IKE SA that is past it.
 */
export function createAuthTask(sa: IkeSa, _now: Instant): Task {
  if (!sa.initial)
    throw Object.assign(
      new Error('IKE_AUTH needs the messages of IKE_SA_INIT: begin it once, right after them'),
      {
        code: 'ERR_IKEV2_NO_INITIAL_MESSAGES',
      },
    )
  const task = new InitiatorAuthentication(sa, sa.initial)
  sa.authentication = task
  return task
}

class InitiatorAuthentication implements Task, Authentication {
  readonly name = 'IKE_AUTH'
  readonly #sa: IkeSa
  readonly #initial: InitialMessages
  #stage: Stage = { type: 'begin' }
  /** Held until the last response says what has come of it. */
  #offer: ChildOffer | undefined
  /** By what the outside has said of the server. */
  #scope: ChildScope

  constructor(sa: IkeSa, initial: InitialMessages) {
    this.#sa = sa
    this.#initial = initial
    const { local, remote } = sa.terms
    this.#scope = { local, remote }
  }

  /** A refusal after the response goes in an exchange of its own (RFC 7296 §2.21.2). */
  get exchange(): number {
    return this.#stage.type === 'refusing' ? EXCHANGE.INFORMATIONAL : EXCHANGE.IKE_AUTH
  }

  request(now: Instant): readonly Payload[] | undefined | 'later' {
    const stage = this.#stage
    switch (stage.type) {
      case 'begin':
        return this.#begin(now)
      case 'ready':
        return this.#first([stage.auth])
      case 'eap':
        return stage.client.request() ?? 'later'
      case 'refusing':
        this.#stage = { ...stage, sent: true }
        return [notify(NOTIFY.AUTHENTICATION_FAILED)]
      case 'signing':
      case 'asked':
      case 'judging':
        return 'later'
      case 'over':
        return undefined
      default:
        return stage satisfies never
    }
  }

  response({ payloads }: IkeMessage, now: Instant): 'done' | 'again' | 'wait' {
    const stage = this.#stage
    switch (stage.type) {
      case 'asked':
        return this.#readFirst(payloads, now)
      case 'eap':
        return this.#readEap(stage.server, stage.client, payloads, now)
      case 'refusing':
        if (!stage.sent) return 'again'
        this.#sa.surroundings.end(this.#sa, stage.reason, false, now)
        return 'done'
      case 'begin':
      case 'signing':
      case 'ready':
      case 'judging':
      case 'over':
        return 'done'
      default:
        return stage satisfies never
    }
  }

  abandon(_now: Instant): void {
    this.#stage = { type: 'over' }
    this.#withdraw()
  }

  answer(): Answer {
    return { type: 'ignore', reason: 'IKE_AUTH from a responder' }
  }

  handleEap(command: EapCommand, now: Instant): void {
    if (this.#stage.type === 'eap') this.#stage.client.handle(command, now)
  }

  close(): void {
    if (this.#stage.type === 'eap') this.#stage.client.close()
  }

  #begin(now: Instant): readonly Payload[] | 'later' {
    const { own, identification } = this.#sa.terms
    const prover = { end: 'initiator', identification } as const
    switch (own.type) {
      case 'psk':
        return this.#first([proveSecret(this.#sa, this.#initial, prover, own.secret)])
      case 'eap':
        return this.#first([])
      case 'certificate':
        this.#stage = { type: 'signing' }
        requestSignature(this.#sa, this.#initial, { own, identification }, now, (auth, then) =>
          this.#signed(auth, then),
        )
        return 'later'
      default:
        return own satisfies never
    }
  }

  #signed(auth: PayloadOf<'AUTH'> | string, now: Instant): void {
    if (typeof auth === 'string') {
      this.#sa.surroundings.end(this.#sa, auth, false, now)
      return
    }
    this.#stage = { type: 'ready', auth }
    this.#sa.exchanges.proceed(now)
  }

  #first(auth: readonly PayloadOf<'AUTH'>[]): readonly Payload[] {
    const { terms, peer } = this.#sa
    this.#stage = { type: 'asked' }
    if (!(terms.childless && peer.childless)) this.#offer = offerFirstChild(this.#sa)
    return firstRequest(this.#sa, auth, this.#offer)
  }

  #readFirst(payloads: readonly Payload[], now: Instant): 'done' | 'again' | 'wait' {
    if (!findPayload(payloads, 'AUTH')) return this.#refusedByPeer(payloads, now)
    const server = checkServer(this.#sa, this.#initial, payloads)
    if (typeof server === 'string') return this.#refuse(server)
    const packet = findPayload(payloads, 'EAP')?.packet
    const wantsEap = this.#sa.terms.own.type === 'eap'
    if (wantsEap && !packet) return this.#refuse('the server let us in without the EAP that we came for')
    if (!wantsEap && packet) return this.#refuse('the server wants EAP')
    this.#stage = { type: 'judging' }
    const { session, surroundings } = this.#sa
    surroundings.request(session, questionOf(this.#sa, server), now, (reply, then) =>
      this.#judged(reply, server, payloads, then),
    )
    return 'wait'
  }

  #judged(reply: Ikev2Reply | undefined, server: Server, payloads: readonly Payload[], now: Instant): void {
    const packet = findPayload(payloads, 'EAP')?.packet
    if (reply?.type === 'allow') this.#scope = { local: reply.grant.local, remote: reply.grant.remote }
    if (reply?.type !== 'trust' && reply?.type !== 'allow') {
      this.#giveUp(reply?.type === 'deny' ? reply.reason : 'nobody has decided on the server in time', now)
    } else if (packet) {
      const client = new EapClient(this.#sa, this.#initial, server, (reason, then) =>
        this.#giveUp(reason, then),
      )
      this.#stage = { type: 'eap', server, client }
      client.start(packet)
    } else {
      this.#enter(server, payloads, now)
      this.#sa.exchanges.proceed(now)
    }
  }

  #readEap(
    server: Server,
    client: EapClient,
    payloads: readonly Payload[],
    now: Instant,
  ): 'done' | 'again' | 'wait' {
    const result = client.read(payloads)
    switch (result.type) {
      case 'goes-on':
        return 'wait'
      case 'proved':
        this.#enter(server, payloads, now)
        return 'done'
      case 'refused':
        return this.#refuse(result.reason)
      case 'refused-by-peer':
        return this.#endedByPeer(result.reason, now)
      default:
        return result satisfies never
    }
  }

  #enter(server: Server, payloads: readonly Payload[], now: Instant): void {
    const offer = this.#offer
    this.#offer = undefined
    this.close()
    this.#stage = { type: 'over' }
    comeIn(this.#sa, this.#initial, { server, offer, scope: this.#scope, payloads }, now)
  }

  #refuse(reason: string): 'again' {
    this.close()
    this.#stage = { type: 'refusing', reason, sent: false }
    return 'again'
  }

  /** Between two exchanges, or amid one: then as soon as its response is there. */
  #giveUp(reason: string, now: Instant): void {
    this.#refuse(reason)
    this.#sa.exchanges.proceed(now)
  }

  #refusedByPeer(payloads: readonly Payload[], now: Instant): 'done' | 'again' {
    const error = findError(payloads)
    if (!error) return this.#refuse('the response proves nothing: no AUTH payload')
    return this.#endedByPeer(`the server says ${notifyName(error.notify)}`, now)
  }

  #endedByPeer(reason: string, now: Instant): 'done' {
    this.close()
    this.#stage = { type: 'over' }
    this.#sa.surroundings.end(this.#sa, reason, true, now)
    return 'done'
  }

  #withdraw(): void {
    if (this.#offer) withdrawOffer(this.#sa, this.#offer)
    this.#offer = undefined
  }
}

/** RFC 7296 §1.2: {IDi, [CERT,] [CERTREQ,] [IDr,] AUTH, [CP,] SA, TSi, TSr}; without AUTH: EAP (§2.16). */
function firstRequest(
  { terms }: IkeSa,
  auth: readonly PayloadOf<'AUTH'>[],
  offer: ChildOffer | undefined,
): readonly Payload[] {
  const { own, identification, expectedIdentification } = terms
  return [
    { type: 'IDi', identification },
    ...(own.type === 'certificate' ? writeChain(own.chain) : []),
    ...writeCertificateRequest(terms.authorityKeyHashes),
    ...(expectedIdentification ? [{ type: 'IDr' as const, identification: expectedIdentification }] : []),
    ...auth,
    ...writeConfigurationRequest(terms.requestAddresses),
    ...(offer ? writeOffer(offer) : []),
    ...(terms.mobike ? [notify(NOTIFY.MOBIKE_SUPPORTED)] : []),
    ...(terms.initialContact ? [notify(NOTIFY.INITIAL_CONTACT)] : []),
  ]
}

function questionOf({ path, terms, peer }: IkeSa, server: Server): Ikev2Request {
  return {
    type: 'authenticate',
    method: server.method,
    path,
    label: terms.label,
    identification: server.identification,
    wanted: undefined,
    peerChain: server.chain,
    configuration: undefined,
    local: terms.local,
    remote: terms.remote,
    client: { software: peer.software, vendorIds: peer.vendorIds },
    initialContact: false,
  }
}
