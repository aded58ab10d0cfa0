import { type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import type { DynamicOutput, DynamicPath, DynamicReply, DynamicSource } from '../dynamic/dynamic-options.ts'
import { createDynamicAuthorization, type DynamicAuthorization } from '../dynamic/dynamic-server.ts'
import { packetDigest } from '../protection/authenticators.ts'
import { sealDigestRequest } from '../protection/seal.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { writeRadiusPacket } from '../wire/packet.ts'
import { at } from './bench.suite.ts'
import { crypto, SECRET } from './server.suite.ts'

export const SOURCE: DynamicSource = {
  id: 'nps',
  prefix: parseIpPrefix('192.0.2.0/28') as IpPrefix,
  secret: SECRET,
}
export const PATH: DynamicPath = { socket: 1, remote: at('192.0.2.1', 40_000) }

export interface DynamicRequestShape {
  readonly code?: number
  readonly identifier?: number
  readonly attributes?: readonly NamedAttribute[]
  readonly raw?: readonly RadiusAttribute[]
  readonly secret?: Uint8Array
}

/** A Disconnect-Request about session `s1`, unless said otherwise. */
export function dynamicRequest(shape: DynamicRequestShape = {}): Uint8Array {
  return sealDigestRequest(crypto, shape.secret ?? SECRET, bodyOf(shape))
}

/** The same without Message-Authenticator, as `radclient` writes it. */
export function bareDynamicRequest(shape: DynamicRequestShape = {}): Uint8Array {
  const packet = writeRadiusPacket({ ...bodyOf(shape), authenticator: new Uint8Array(16) })
  packet.set(packetDigest(crypto, shape.secret ?? SECRET, packet), 4)
  return packet
}

function bodyOf({
  code = CODES.DISCONNECT_REQUEST,
  identifier = 7,
  attributes,
  raw = [],
}: DynamicRequestShape) {
  const named = attributes ?? [{ name: 'Acct-Session-Id', value: 's1' } as const]
  return { code, identifier, attributes: [...named.flatMap(encodeAttribute), ...raw] }
}

/** The receiving side under a virtual clock, wall-clock time with it. */
export class DynamicBench {
  readonly engine: DynamicAuthorization
  readonly outputs: DynamicOutput[] = []
  now = 0
  unixSeconds = 1_700_000_000

  constructor(source: Partial<DynamicSource> = {}) {
    this.engine = createDynamicAuthorization({
      crypto,
      sources: [{ ...SOURCE, ...source }],
      nas: { identifier: 'gateway', addresses: [parseIpAddress('198.51.100.1') as IpAddress] },
      unixSeconds: () => this.unixSeconds + Math.floor(this.now / 1000),
    })
  }

  receive(bytes: Uint8Array, path: DynamicPath = PATH): void {
    this.engine.handleDatagram({ path, bytes }, this.now)
    this.#drain()
  }

  reply(id: number, reply: DynamicReply = { type: 'done' }): void {
    this.engine.handleCommand({ type: 'reply', id, reply }, this.now)
    this.#drain()
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (
      let due = this.engine.nextTimeout();
      due !== undefined && due <= end;
      due = this.engine.nextTimeout()
    ) {
      this.now = Math.max(this.now, due)
      this.engine.handleTimeout(this.now)
      this.#drain()
    }
    this.now = end
  }

  get requests(): Extract<DynamicOutput, { readonly type: 'request' }>[] {
    return this.outputs.filter(output => output.type === 'request')
  }

  get sent(): Extract<DynamicOutput, { readonly type: 'send' }>[] {
    return this.outputs.filter(output => output.type === 'send')
  }

  get told(): string[] {
    return this.outputs.flatMap(output => {
      if (output.type !== 'event') return []
      const { event } = output
      return event.type === 'dropped' ? [event.reason] : [event.cause]
    })
  }

  #drain(): void {
    for (let output = this.engine.poll(); output; output = this.engine.poll()) this.outputs.push(output)
  }
}
