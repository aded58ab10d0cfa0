import type { TlsConnection, TlsContext } from '@causeway/control-tls'
import { createNodeCrypto } from '@causeway/crypto-node'
import { createEapAuthenticator, type EapAuthenticator } from '../authenticator/authenticator.ts'
import type { EapAuthenticatorOptions } from '../authenticator/authenticator-options.ts'
import type {
  EapAuthenticatorOutput,
  EapAuthenticatorRequest,
} from '../authenticator/authenticator-output.ts'
import type { EapAuthenticatorReply } from '../authenticator/authenticator-reply.ts'
import type { EapCommand } from '../command.ts'
import type { EapOutput } from '../output.ts'
import { createEapPeer, type EapPeer, type EapPeerOptions } from '../peer/peer.ts'
import type { EapPeerOutput, EapPeerReply, EapPeerRequest } from '../peer/peer-output.ts'
import { writeEapPacket } from '../wire/eap-packet.ts'

export const crypto = createNodeCrypto()

interface Role<Reply, Output> {
  handlePacket(packet: Uint8Array): void
  handleCommand(command: EapCommand<Reply>): void
  poll(): Output | undefined
}

/** What is around a conversation. */
export interface Surroundings<Request, Reply> {
  readonly tls?: TlsContext
  /** `undefined`: does not answer yet. */
  readonly decide?: (request: Request) => Reply | undefined
}

/** A conversation with the driver that a lower layer is, and everything that it said. */
export class Driven<Request, Reply, Output extends { readonly type: string }> {
  readonly role: Role<Reply, Output>
  readonly outputs: Output[] = []
  readonly requests: { readonly id: number; readonly request: Request }[] = []
  /** Packets that nobody has taken. */
  sent: Uint8Array[] = []
  readonly #around: Surroundings<Request, Reply>
  #tls: TlsConnection | undefined

  constructor(role: Role<Reply, Output>, around: Surroundings<Request, Reply> = {}) {
    this.role = role
    this.#around = around
  }

  get hasTls(): boolean {
    return this.#tls !== undefined
  }

  receive(packet: Uint8Array): void {
    this.role.handlePacket(packet)
    this.drain()
  }

  reply(reply: Reply, id: number = this.requests.at(-1)?.id ?? 0): void {
    this.role.handleCommand({ type: 'reply', id, reply })
    this.drain()
  }

  take(): Uint8Array | undefined {
    return this.sent.shift()
  }

  /** The outputs of one type. */
  of<Type extends Output['type']>(type: Type): Extract<Output, { readonly type: Type }>[] {
    return this.outputs.filter((output): output is Extract<Output, { type: Type }> => output.type === type)
  }

  drain(): void {
    for (let output = this.role.poll(); output; output = this.role.poll()) {
      this.outputs.push(output)
      this.#act(output as unknown as EapOutput<Request>)
    }
  }

  #act(output: EapOutput<Request>): void {
    if (output.type === 'send') this.sent.push(output.bytes)
    if (output.type === 'tls-start') {
      this.#tls = this.#around.tls?.open()
      this.#report(this.#tls?.start())
    }
    if (output.type === 'tls-input') this.#report(this.#tls?.input(output.bytes))
    if (output.type === 'tls-write') this.#report(this.#tls?.write(output.bytes))
    if (output.type === 'tls-close') {
      this.#tls?.close()
      this.#tls = undefined
    }
    if (output.type === 'request') this.#decide(output.id, output.request)
  }

  #report(report: ReturnType<TlsConnection['start']> | undefined): void {
    if (!report) throw new Error('no TLS here')
    this.role.handleCommand({ type: 'tls-report', report })
  }

  #decide(id: number, request: Request): void {
    this.requests.push({ id, request })
    const reply = this.#around.decide?.(request)
    if (reply) this.role.handleCommand({ type: 'reply', id, reply })
  }
}

export type DrivenAuthenticator = Driven<
  EapAuthenticatorRequest,
  EapAuthenticatorReply,
  EapAuthenticatorOutput
> & { readonly role: EapAuthenticator }
export type DrivenPeer = Driven<EapPeerRequest, EapPeerReply, EapPeerOutput> & { readonly role: EapPeer }

type AuthenticatorSetting = Partial<EapAuthenticatorOptions> &
  Surroundings<EapAuthenticatorRequest, EapAuthenticatorReply>
type PeerSetting = Partial<EapPeerOptions> & Surroundings<EapPeerRequest, EapPeerReply>

/** An authenticator that has made its first request. */
export function authenticator({ tls, decide, ...options }: AuthenticatorSetting = {}): DrivenAuthenticator {
  const role = createEapAuthenticator({ crypto, methods: ['tls'], ...options })
  const driven = new Driven(role, around(tls, decide)) as DrivenAuthenticator
  role.start()
  driven.drain()
  return driven
}

export function peer({ tls, decide, ...options }: PeerSetting = {}): DrivenPeer {
  const role = createEapPeer({ crypto, identity: 'alice@example.test', methods: ['tls'], ...options })
  return new Driven(role, around(tls, decide)) as DrivenPeer
}

function around<Request, Reply>(
  tls: TlsContext | undefined,
  decide: ((request: Request) => Reply | undefined) | undefined,
): Surroundings<Request, Reply> {
  return { ...(tls ? { tls } : {}), ...(decide ? { decide } : {}) }
}

/** Carries packets to and fro until both are silent, and gives them all. */
export function converse(server: DrivenAuthenticator, client: DrivenPeer): Uint8Array[] {
  const packets: Uint8Array[] = []
  while (server.sent.length + client.sent.length > 0) {
    for (const [from, to] of [
      [server, client],
      [client, server],
    ] as const) {
      for (let packet = from.take(); packet; packet = from.take()) {
        packets.push(packet)
        to.receive(packet)
      }
    }
  }
  return packets
}

/** Carries one packet each way at a time until something has happened, which must be soon. */
export function converseUntil(
  server: DrivenAuthenticator,
  client: DrivenPeer,
  happened: () => boolean,
): void {
  for (let turn = 0; !happened(); turn++) {
    if (turn === 100) throw new Error('it does not happen')
    const request = server.take()
    if (request) client.receive(request)
    const response = client.take()
    if (response) server.receive(response)
  }
}

/** A response to the last request that was sent, which it takes. */
export function respond(to: DrivenAuthenticator, type: number, data: Uint8Array): Uint8Array {
  const request = to.sent.pop()
  const identifier = request?.[1] ?? 0
  return writeEapPacket({ code: 'response', identifier, type, data })
}
