import { createNodeCrypto } from '@causeway/crypto-node'
import type { PppEvent, PppKeys, PppOutput } from '@causeway/ppp'
import { ipAddress, WireFault } from '@causeway/wire'
import type { BindingHash } from '../binding/binding-hash.ts'
import { writeCallConnected } from '../binding/call-connected.ts'
import { higherLayerKey } from '../binding/compound-mac.ts'
import type { CallId, CertificateHashes, SstpCommand } from '../sstp-command.ts'
import { SstpCalls } from '../sstp-engine.ts'
import type { SstpOptions, SstpSettings } from '../sstp-options.ts'
import type { SstpEvent, SstpOutput } from '../sstp-output.ts'
import type { SstpMessage } from '../wire/message.ts'
import { parseSstpPacket, writeControlPacket, writeDataPacket } from '../wire/packet.ts'
import { formatStatus } from '../wire/status.ts'
import { ScriptedLink } from './scripted-link.suite.ts'

export const crypto = createNodeCrypto()
export const CALL: CallId = 7

const cryptoMethods: SstpOptions['crypto'] = {
  random: length => crypto.random(length),
  equal: (a, b) => crypto.equal(a, b),
  hmac: (name, key, parts) => crypto.hmac(name, key, parts),
  hash: (name, parts) => crypto.hash(name, parts),
}

export const SETTINGS: SstpSettings = {
  authentication: ['eap', 'chap-mschapv2', 'pap'],
  tunnelMtu: 1400,
  helloMilliseconds: 60_000,
  negotiationMilliseconds: 60_000,
  ipv4: true,
  ipv6: true,
  name: 'gateway',
}

export const CERTIFICATE: CertificateHashes = {
  sha1: new Uint8Array(20).fill(0x51),
  sha256: new Uint8Array(32).fill(0x52),
}

/** From the client's side, and from the server's. */
export const CLIENT_KEYS: PppKeys = { send: new Uint8Array(16).fill(1), receive: new Uint8Array(16).fill(2) }
export const SERVER_KEYS: PppKeys = { send: CLIENT_KEYS.receive, receive: CLIENT_KEYS.send }

export const REQUEST: SstpMessage = { type: 'call-connect-request', protocol: 1 }

export const LINK_OPENED: PppEvent = {
  type: 'link-opened',
  peerMru: 1300,
  compressProtocol: true,
  compressAddressControl: false,
  authentication: 'chap-mschapv2',
}

export const IPV4_OPENED: PppEvent = {
  type: 'ipv4-opened',
  local: ipAddress(Uint8Array.of(10, 0, 0, 1)),
  peer: ipAddress(Uint8Array.of(10, 0, 0, 2)),
  dnsServers: [],
}

export const IPV6_OPENED: PppEvent = {
  type: 'ipv6-opened',
  local: new Uint8Array(8).fill(1),
  peer: new Uint8Array(8).fill(2),
}

export const authenticated = ({ send, receive }: PppKeys = SERVER_KEYS): PppEvent => ({
  type: 'authenticated',
  method: 'chap-mschapv2',
  // Bytes of an event are its receiver's.
  keys: { send: send.slice(), receive: receive.slice() },
})

/** One engine with links that the test scripts, and a clock that it moves. */
export class Bench {
  readonly engine: SstpCalls
  readonly links: ScriptedLink[] = []
  readonly outputs: SstpOutput[] = []
  now = 0
  readonly #role: 'server' | 'client'

  constructor(
    role: 'server' | 'client',
    settings: Partial<SstpSettings> = {},
    port: Partial<SstpOptions['crypto']> = {},
  ) {
    this.#role = role
    const options = {
      role,
      crypto: { ...cryptoMethods, ...port },
      settings: () => ({ ...SETTINGS, ...settings }),
    }
    this.engine = new SstpCalls(options, of => {
      const link = new ScriptedLink(of)
      this.links.push(link)
      return link
    })
  }

  get link(): ScriptedLink {
    const link = this.links.at(-1)
    if (!link) throw new Error('no link yet')
    return link
  }

  /** What was sent: messages by type (an abort by its status), PPP frames as `ppp`. */
  get sent(): string[] {
    return this.outputs.flatMap(output => (output.type === 'send' ? [describePacket(output.packet)] : []))
  }

  get messages(): SstpMessage[] {
    return this.outputs.flatMap(output => {
      const parsed = output.type === 'send' ? parseSstpPacket(output.packet) : undefined
      if (!parsed || parsed instanceof WireFault || parsed.type === 'data') return []
      return parsed.message.type === 'invalid' ? [] : [parsed.message]
    })
  }

  get events(): SstpEvent[] {
    return this.outputs.flatMap(output => (output.type === 'event' ? [output.event] : []))
  }

  /** The end, if it was told: reason and whether the peer was refused or ended it. */
  get closed(): Extract<SstpEvent, { type: 'closed' }> | undefined {
    return this.events.find(event => event.type === 'closed') as Extract<SstpEvent, { type: 'closed' }>
  }

  /** Outputs by type, events by theirs. */
  get story(): string[] {
    return this.outputs.map(output => {
      if (output.type === 'event') return output.event.type
      return output.type === 'send' ? describePacket(output.packet) : output.type
    })
  }

  command(command: SstpCommand): this {
    this.engine.handleCommand(command, this.now)
    return this.drain()
  }

  open(certificate: CertificateHashes = CERTIFICATE): this {
    return this.command({ type: 'connection-opened', call: CALL, certificate })
  }

  receive(message: SstpMessage | Uint8Array): this {
    const bytes = message instanceof Uint8Array ? message.slice() : writeControlPacket(message)
    this.engine.handleDatagram({ path: CALL, bytes }, this.now)
    bytes.fill(0xdb)
    return this.drain()
  }

  frame(...bytes: readonly number[]): this {
    return this.receive(writeDataPacket(Uint8Array.from(bytes)))
  }

  /** The link puts these out, as if a frame had come. */
  linkSays(...events: readonly (PppEvent | PppOutput)[]): this {
    this.link.will(...events.map(toOutput))
    return this.frame(0xc0, 0x21)
  }

  /** Lets time pass, stopping at every deadline. */
  wait(milliseconds: number): this {
    const end = this.now + milliseconds
    for (let at = this.engine.nextTimeout(); at !== undefined && at <= end; at = this.engine.nextTimeout()) {
      this.now = Math.max(this.now, at)
      this.engine.handleTimeout(this.now)
      this.drain()
    }
    this.now = end
    return this
  }

  /** Forgets what came out so far. */
  forget(): this {
    this.outputs.length = 0
    return this
  }

  /** A call whose PPP has begun. */
  toBinding(): this {
    this.open()
    if (this.#role === 'server') return this.receive(REQUEST)
    const request = { hashProtocols: 3, nonce: new Uint8Array(32).fill(9) }
    return this.receive({ type: 'call-connect-ack', request })
  }

  /** A call that is bound and has IPv4. */
  toConnected(): this {
    this.toBinding().linkSays(LINK_OPENED, authenticated())
    if (this.#role === 'server') this.receive(this.callConnected())
    return this.linkSays(IPV4_OPENED)
  }

  /** What an honest client would send now. */
  callConnected(keys: PppKeys | undefined = CLIENT_KEYS, hash: BindingHash = 'SHA256'): Uint8Array {
    return writeCallConnected(crypto, {
      hash,
      nonce: this.nonce(),
      certificate: CERTIFICATE,
      key: higherLayerKey('client', keys),
    })
  }

  /** Of the acknowledgment that was sent last. */
  nonce(): Uint8Array {
    const ack = this.messages.findLast(({ type }) => type === 'call-connect-ack')
    if (ack?.type !== 'call-connect-ack') throw new Error('no acknowledgment yet')
    return ack.request.nonce
  }

  drain(): this {
    for (let output = this.engine.poll(); output; output = this.engine.poll()) this.outputs.push(output)
    return this
  }
}

/** As a story shows it. */
export function describePacket(packet: Uint8Array): string {
  const parsed = parseSstpPacket(packet)
  if (parsed instanceof WireFault) throw new Error(`sent no packet: ${parsed}`)
  if (parsed.type === 'data') return 'ppp'
  const { message } = parsed
  if (message.type === 'invalid') throw new Error(`sent a malformed ${message.messageType}`)
  if (message.type !== 'call-abort' || !message.status) return message.type
  return `call-abort ${message.status.attribute} ${formatStatus(message.status.status)}`
}

function toOutput(event: PppEvent | PppOutput): PppOutput {
  const types: readonly string[] = ['send', 'eap-start', 'eap-packet', 'eap-close', 'request', 'event']
  return types.includes(event.type) ? (event as PppOutput) : { type: 'event', event: event as PppEvent }
}
