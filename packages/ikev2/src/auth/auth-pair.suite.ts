import type { CryptoPort } from '@causeway/crypto'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { TrafficSelector } from '@causeway/wire'
import { answerCreateChildSa } from '../child/answer-create-child-sa.ts'
import { createChildren } from '../child/child-table.ts'
import type { Ikev2Reply } from '../command.ts'
import type { ExchangeHost, MessageMark } from '../exchange/exchange-host.ts'
import { ExchangeKeeper } from '../exchange/exchange-keeper.ts'
import { WAITING_TASKS } from '../limits.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { deriveIkeKeys } from '../protection/ike-keys.ts'
import type { IkeSa, IkeSaState, InitialMessages } from '../sa/ike-sa.ts'
import type { Surroundings } from '../sa/surroundings.ts'
import { address, network, TERMS as PLAIN_TERMS } from '../testing/terms.suite.ts'
import { EXCHANGE } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { readPayloads, writePayloads } from '../wire/payloads.ts'
import { answerIkeAuth } from './answer-ike-auth.ts'
import type { EapCommand } from './authentication.ts'
import { createAuthTask } from './initiator.ts'

export function net(...prefixes: string[]): TrafficSelector[] {
  return prefixes.map(network)
}

const SUITE: IkeSuite = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA256', group: 'ECP-256' }

/** Terms by pre-shared key, for a tunnel between two networks. */
export const TERMS: PeerTerms = {
  ...PLAIN_TERMS,
  espSuites: [{ encryption: 'AES-GCM-16-256' }, { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128' }],
  childRekeySeconds: 3600,
  childLifetimeSeconds: 4000,
  childRekeyBytes: 1_000_000,
  replayWindow: 128,
}

/** `undefined`: it never answers. */
export type Decide = (request: Ikev2Request) => Ikev2Reply | undefined

/** To `eap-start`, and to packets of the peer. */
export type Converse = (
  output: Extract<Ikev2Output, { type: 'eap-start' | 'eap-packet' }>,
) => EapCommand | undefined

/** What the gateway of one end says. */
export interface Outside {
  readonly decide?: Decide
  readonly eap?: Converse
}

export interface EndOptions extends Outside {
  readonly terms?: Partial<PeerTerms>
  readonly hashes?: readonly number[]
}

interface Packet {
  readonly to: End
  readonly mark: MessageMark
  readonly first: number
  readonly bytes: Uint8Array
}

/** One end: an IKE SA with keys, in surroundings that record. Messages go as payloads on the wire, unencrypted. */
export class End implements ExchangeHost {
  readonly outputs: Ikev2Output[] = []
  readonly crypto: CryptoPort
  readonly taskLimit: number = WAITING_TASKS
  readonly sa: IkeSa
  readonly keeper: ExchangeKeeper
  readonly spis: Set<number> = new Set()
  readonly dropped: string[] = []
  ended: string | undefined
  readonly #pair: AuthPair
  readonly #outside: Outside
  #childIds = 0

  constructor(
    pair: AuthPair,
    role: 'initiator' | 'responder',
    options: EndOptions,
    initial: InitialMessages,
  ) {
    this.#pair = pair
    this.#outside = options
    this.crypto = pair.crypto
    this.keeper = new ExchangeKeeper(this, { ownFirstId: 1, peerFirstId: 1, open: true })
    const path: Path = {
      port: 1,
      local: { address: address(role === 'initiator' ? '192.0.2.1' : '192.0.2.2'), port: 4500 },
      remote: { address: address(role === 'initiator' ? '192.0.2.2' : '192.0.2.1'), port: 4500 },
      encapsulated: true,
    }
    this.sa = {
      session: role === 'initiator' ? 1 : 2,
      role,
      sessionRole: role,
      initiatorSpi: new Uint8Array(8).fill(1),
      responderSpi: new Uint8Array(8).fill(2),
      terms: { ...TERMS, ...options.terms },
      suite: SUITE,
      keys: pair.keys,
      surroundings: this.#surroundings(),
      exchanges: this.keeper,
      children: createChildren(),
      peer: {
        fragmentation: false,
        mobike: false,
        childless: true,
        signatureHashes: new Set(options.hashes ?? [1, 2, 3, 4]),
        vendorIds: [],
        software: '',
        authLifetimeSeconds: undefined,
        askedAddresses: { ipv4: false, ipv6: false },
      },
      nat: { local: false, remote: true },
      state: 'initial',
      path,
      initial,
      authentication: undefined,
      claim: undefined,
      heardAt: 0,
    }
  }

  get state(): IkeSaState {
    return this.sa.state
  }

  /** Outputs of one type. */
  of<Type extends Ikev2Output['type']>(type: Type): Extract<Ikev2Output, { type: Type }>[] {
    return this.outputs.filter(
      (output): output is Extract<Ikev2Output, { type: Type }> => output.type === type,
    )
  }

  /** The events, in order, of one type. */
  events<Type extends string>(type: Type) {
    return this.of('event').flatMap(({ event }) => (event.type === type ? [event] : []))
  }

  seal(mark: MessageMark, payloads: readonly Payload[]): readonly Uint8Array[] {
    const { first, bytes } = writePayloads(this.#pair.change(this, mark, payloads))
    this.#pair.packets.set(bytes, { to: this.#pair.other(this), mark, first, bytes })
    return [bytes]
  }

  send(datagrams: readonly Uint8Array[]): void {
    for (const bytes of datagrams) this.#pair.post(bytes)
  }

  drop(reason: string): void {
    this.dropped.push(reason)
  }

  silent(): void {
    this.end('silence', false)
  }

  end(reason: string, _byPeer: boolean): void {
    if (this.ended !== undefined) return
    this.ended = reason
    this.sa.authentication?.close()
    this.sa.state = 'gone'
    this.keeper.close(0)
  }

  reschedule(): void {}

  receive({ mark, first, bytes }: Packet): void {
    if (this.state === 'gone') return
    const payloads = readPayloads(first, bytes)
    if ('type' in payloads) {
      this.drop(payloads.type)
      return
    }
    const header = {
      ...mark,
      initiatorSpi: this.sa.initiatorSpi,
      responderSpi: this.sa.responderSpi,
      fromInitiator: this.sa.role === 'responder',
    }
    const message = { header, payloads }
    if (mark.response) {
      if (this.keeper.requests.awaits(mark.messageId, mark.exchange))
        this.keeper.requests.handleResponse(message, 0)
    } else if (this.keeper.responses.standing(mark.messageId) === 'new')
      this.keeper.responses.handleRequest(header, this.sa.path, () => this.#answer(message), 0)
  }

  #answer(message: Parameters<typeof answerIkeAuth>[1]) {
    const { exchange } = message.header
    if (exchange === EXCHANGE.IKE_AUTH) return answerIkeAuth(this.sa, message, 0)
    if (exchange === EXCHANGE.CREATE_CHILD_SA) return answerCreateChildSa(this.sa, message, 0)
    this.#pair.informed.push(message.payloads)
    return { type: 'respond', payloads: [] } as const
  }

  #surroundings(): Surroundings {
    return {
      crypto: this.#pair.crypto,
      emit: output => this.#emit(output),
      request: (_session, request, _now, answered) => {
        const reply = this.#outside.decide?.(request)
        this.outputs.push({ type: 'request', id: 0, session: this.sa.session, request })
        if (reply) this.#pair.later(() => this.state !== 'gone' && answered(reply, 0))
      },
      newChildId: () => ++this.#childIds,
      newEspSpi: () => this.#pair.newSpi(this.spis),
      freeEspSpi: spi => this.spis.delete(spi),
      established: sa => {
        sa.state = 'established'
        sa.initial = undefined
      },
      end: (_sa, reason, byPeer) => this.end(reason, byPeer),
      drop: (_session, reason) => this.dropped.push(reason),
      reschedule: () => {},
    } as Partial<Surroundings> as Surroundings
  }

  #emit(output: Ikev2Output): void {
    this.outputs.push(output)
    if (output.type !== 'eap-start' && output.type !== 'eap-packet') return
    const command = this.#outside.eap?.(output)
    if (command) this.#pair.later(() => this.sa.authentication?.handleEap(command, 0))
  }
}

export type Change = (
  from: 'initiator' | 'responder',
  payloads: readonly Payload[],
  mark: MessageMark,
) => readonly Payload[]

/** Two ends after IKE_SA_INIT. `change` stands in the middle, with the keys. */
export class AuthPair {
  readonly crypto: CryptoPort
  readonly keys: ReturnType<typeof deriveIkeKeys>
  readonly initiator: End
  readonly responder: End
  readonly packets: Map<Uint8Array, Packet> = new Map()
  /** Payloads of INFORMATIONAL requests. */
  readonly informed: (readonly Payload[])[] = []
  readonly #change: Change
  readonly #work: (() => void)[] = []
  #spi = 1000

  constructor(
    initiator: EndOptions = {},
    responder: EndOptions = {},
    change: Change = (_, payloads) => payloads,
  ) {
    this.crypto = createSeededCrypto(1)
    this.#change = change
    const nonces = { initiatorNonce: this.crypto.random(32), responderNonce: this.crypto.random(32) }
    const initial = { initiator: this.crypto.random(300), responder: this.crypto.random(310), ...nonces }
    const spis = { initiatorSpi: new Uint8Array(8).fill(1), responderSpi: new Uint8Array(8).fill(2) }
    this.keys = deriveIkeKeys(this.crypto, SUITE, { secret: this.crypto.random(32), ...nonces, ...spis })
    this.initiator = new End(this, 'initiator', initiator, initial)
    const turned = { local: TERMS.remote, remote: TERMS.local }
    this.responder = new End(
      this,
      'responder',
      { ...responder, terms: { ...turned, ...responder.terms } },
      initial,
    )
  }

  /** IKE_AUTH, until nothing moves any more. */
  run(): this {
    this.initiator.keeper.begin(createAuthTask(this.initiator.sa, 0), 0)
    return this.settle()
  }

  settle(): this {
    for (let turns = 0; this.#work.length > 0; turns++) {
      if (turns > 10_000) throw new Error('it never ends')
      this.#work.shift()?.()
    }
    return this
  }

  other(end: End): End {
    return end === this.initiator ? this.responder : this.initiator
  }

  change(from: End, mark: MessageMark, payloads: readonly Payload[]): readonly Payload[] {
    return this.#change(from.sa.role, payloads, mark)
  }

  post(bytes: Uint8Array): void {
    const packet = this.packets.get(bytes) as Packet
    this.later(() => packet.to.receive(packet))
  }

  later(work: () => void): void {
    this.#work.push(work)
  }

  newSpi(taken: Set<number>): number {
    taken.add(++this.#spi)
    return this.#spi
  }
}

/** A responder's gateway that lets everyone in to what it asks for. */
export function allow(local: TrafficSelector[], remote: TrafficSelector[]): Decide {
  return request =>
    request.type === 'authenticate' ? { type: 'allow', grant: { local, remote } } : undefined
}
