import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { asciiBytes, type Endpoint, type IpAddress, parseIpAddress } from '@causeway/wire'
import { Client, type RadiusClient } from '../client/client.ts'
import type { LaneId, RadiusCommand, RequestId } from '../client/client-command.ts'
import type { RadiusClientOptions, RadiusServer } from '../client/client-options.ts'
import type { RadiusAnswer, RadiusEvent, RadiusOutput } from '../client/client-output.ts'
import type { ReceivedPacket } from '../wire/packet.ts'
import { answerTo, RADSEC, readRequest, SECRET } from './server.suite.ts'

export const at = (text: string, port: number): Endpoint => ({
  address: parseIpAddress(text) as IpAddress,
  port,
})

/** Servers a, b, c at 192.0.2.1 and on, each with a lower score. */
export function udpServer(id: string, more: Partial<RadiusServer> = {}): RadiusServer {
  const number = id.charCodeAt(0) - 96
  const address = `192.0.2.${number}`
  return {
    id,
    score: 30 - number,
    transport: 'udp',
    secret: SECRET,
    authentication: at(address, 1812),
    accounting: at(address, 1813),
    ...more,
  }
}

export function tlsServer(id: string, more: Partial<RadiusServer> = {}): RadiusServer {
  const remote = at(`192.0.2.${id.charCodeAt(0) - 96}`, 2083)
  return { id, score: 10, transport: 'tls', authentication: remote, accounting: remote, ...more }
}

/** What a server does with a request: gives an answer, or none. */
export type Responder = (request: ReceivedPacket, server: string) => Uint8Array | undefined

export interface Sent {
  readonly at: number
  readonly lane: LaneId
  readonly server: string
  readonly bytes: Uint8Array
}

interface OpenLane {
  readonly type: 'open-port' | 'connect'
  readonly server: string
  readonly remote: Endpoint
}

export interface BenchOptions {
  readonly servers: readonly RadiusServer[]
  readonly respond?: Responder
  readonly latencyMs?: number
  readonly limits?: RadiusClientOptions['limits']
  readonly seed?: number
  readonly wire?: (client: Client) => RadiusClient
  /** Whether a TLS connection comes to stand. */
  readonly connects?: (server: string) => boolean
}

export const UNIX_SECONDS = 1_700_000_000

/** A client among servers that answer, or do not, under a virtual clock. */
export class Bench {
  readonly client: Client
  readonly engine: RadiusClient
  readonly lanes = new Map<LaneId, OpenLane>()
  readonly sent: Sent[] = []
  readonly answers = new Map<RequestId, RadiusAnswer>()
  readonly answeredAt = new Map<RequestId, number>()
  readonly events: RadiusEvent[] = []
  readonly outputs: RadiusOutput[] = []
  respond: Responder
  connects: (server: string) => boolean
  now = 0
  readonly #latencyMs: number
  readonly #later: { readonly at: number; readonly act: () => void }[] = []

  constructor({ servers, respond = request => answerTo(request), ...options }: BenchOptions) {
    this.client = new Client({
      crypto: createSeededCrypto(options.seed ?? 1),
      servers,
      nas: { identifier: 'gateway', addresses: [parseIpAddress('198.51.100.1') as IpAddress] },
      unixSeconds: () => UNIX_SECONDS,
      ...(options.limits ? { limits: options.limits } : {}),
    })
    this.engine = options.wire?.(this.client) ?? this.client
    this.respond = respond
    this.connects = options.connects ?? (() => true)
    this.#latencyMs = options.latencyMs ?? 10
  }

  command(command: RadiusCommand): void {
    this.engine.handleCommand(command, this.now)
    this.#drain()
  }

  /** Asks for a user by password, unless said otherwise. */
  access(id: RequestId, more: Partial<Extract<RadiusCommand, { readonly type: 'access' }>> = {}): void {
    const credential = { type: 'password', password: asciiBytes('hello') } as const
    this.command({ type: 'access', id, userName: 'alice', credential, attributes: [], ...more })
  }

  receive(lane: LaneId, bytes: Uint8Array, remote?: Endpoint): void {
    const from = remote ?? this.lanes.get(lane)?.remote
    if (!from) throw new Error(`no lane ${lane}`)
    this.engine.handleDatagram({ path: { lane, remote: from }, bytes }, this.now)
    this.#drain()
  }

  /** Lets time pass, with every deadline and every answer in its turn. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      const next = this.#later[0]?.at ?? Number.POSITIVE_INFINITY
      const deadline = this.engine.nextTimeout() ?? Number.POSITIVE_INFINITY
      if (Math.min(next, deadline) > end) break
      this.now = Math.max(this.now, Math.min(next, deadline))
      if (next <= deadline) this.#later.shift()?.act()
      else {
        this.engine.handleTimeout(this.now)
        this.#drain()
      }
    }
    this.now = end
  }

  /** Sent to this server, or to any. */
  sentTo(server?: string, code?: number): Sent[] {
    return this.sent.filter(
      one => (server === undefined || one.server === server) && (code === undefined || one.bytes[0] === code),
    )
  }

  states(server: string): string[] {
    return this.events.flatMap(event =>
      event.type === 'server-state' && event.server === server ? [event.state] : [],
    )
  }

  drops(): string[] {
    return this.events.flatMap(event =>
      event.type === 'dropped' ? Array<string>(event.count).fill(event.reason) : [],
    )
  }

  later(act: () => void): void {
    this.#later.push({ at: this.now + this.#latencyMs, act })
    this.#later.sort((a, b) => a.at - b.at)
  }

  #drain(): void {
    for (let output = this.engine.poll(); output; output = this.engine.poll()) {
      this.outputs.push(output)
      this.#take(output)
    }
  }

  #take(output: RadiusOutput): void {
    switch (output.type) {
      case 'open-port':
        this.lanes.set(output.lane, output)
        return
      case 'connect':
        this.lanes.set(output.lane, output)
        this.later(() => this.#settle(output.lane, output.server))
        return
      case 'send':
        this.#carry(output.lane, output.bytes)
        return
      case 'close-lane':
        this.lanes.delete(output.lane)
        return
      case 'answer':
        if (this.answers.has(output.id)) throw new Error(`a second answer to ${output.id}`)
        this.answers.set(output.id, output.answer)
        this.answeredAt.set(output.id, this.now)
        return
      case 'event':
        this.events.push(output.event)
        return
      default:
        output satisfies never
    }
  }

  #settle(lane: LaneId, server: string): void {
    if (!this.lanes.has(lane)) return
    if (this.connects(server)) this.command({ type: 'connected', lane })
    else {
      this.lanes.delete(lane)
      this.command({ type: 'closed', lane, reason: 'connection refused' })
    }
  }

  #carry(lane: LaneId, bytes: Uint8Array): void {
    const open = this.lanes.get(lane)
    if (!open) throw new Error('sent on a lane that is not open')
    const isTls = open.type === 'connect'
    this.sent.push({ at: this.now, lane, server: open.server, bytes })
    const answer = this.respond(readRequest(bytes, isTls ? RADSEC : SECRET), open.server)
    if (!answer) return
    this.later(() => {
      if (!this.lanes.has(lane)) return
      if (isTls) this.command({ type: 'bytes', lane, bytes: answer })
      else this.receive(lane, answer)
    })
  }
}
