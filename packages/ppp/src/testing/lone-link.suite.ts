import { formatHex, parseHex, WireFault } from '@causeway/wire'
import { createPppLink, type PppLink } from '../link/ppp-link.ts'
import type { PppCommand } from '../link-command.ts'
import type { PppOptions } from '../link-options.ts'
import type { PppEvent } from '../link-output.ts'
import { CODES, type ControlPacket, parseControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { parseFrame, writeFrame } from '../wire/frame.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import { NETWORK } from './options.suite.ts'
import { Outside, type OutsideOptions } from './surroundings.ts'

const NAMES = new Map(Object.entries(PROTOCOLS).map(([name, number]) => [number as number, name]))

/** Bytes of hexadecimal with spaces. */
export function hex(text: string): Uint8Array {
  return parseHex(text.replaceAll(' ', '')) as Uint8Array
}

/** One link and an outside that answers at once; the peer is the test. */
export class LoneLink {
  readonly link: PppLink
  readonly outside: Outside
  readonly isClient: boolean
  now = 1000
  #sent: { readonly protocol: number; readonly information: Uint8Array }[] = []

  constructor(options: PppOptions, outside: Partial<OutsideOptions> | Outside = {}) {
    this.link = createPppLink(options)
    this.isClient = options.role === 'client'
    this.outside =
      outside instanceof Outside ? outside : new Outside({ role: options.role, network: NETWORK, ...outside })
  }

  get events(): readonly PppEvent[] {
    return this.outside.events
  }

  get drops(): readonly string[] {
    return this.outside.drops
  }

  get closed(): Extract<PppEvent, { readonly type: 'closed' }> | undefined {
    return this.outside.find('closed')
  }

  command(command: PppCommand): void {
    this.link.handleCommand(command, this.now)
    this.#drain()
  }

  /** The peer sends a packet: `say('lcp', 1, 7, '0104 05dc')`. */
  say(protocol: keyof typeof PROTOCOLS | number, code: number, identifier: number, data = ''): void {
    const number = typeof protocol === 'number' ? protocol : PROTOCOLS[protocol]
    this.frame(
      writeFrame({
        protocol: number,
        information: writeControlPacket({ code, identifier, data: hex(data) }),
      }),
    )
  }

  frame(bytes: Uint8Array): void {
    this.link.handleDatagram({ path: undefined, bytes }, this.now)
    this.#drain()
  }

  wait(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let at = this.link.nextTimeout(); at !== undefined && at <= end; at = this.link.nextTimeout()) {
      this.now = Math.max(this.now, at)
      this.link.handleTimeout(this.now)
      this.#drain()
    }
    this.now = end
  }

  /** What was sent since the last look, as `lcp 1 7 010405dc`. */
  heard(): string[] {
    const heard = this.#packets().map(({ protocol, packet }) =>
      `${protocol} ${packet.code} ${packet.identifier} ${formatHex(packet.data)}`.trimEnd(),
    )
    this.#sent = []
    return heard
  }

  /** The newest Configure-Request that was sent, or what it says in an Ack. */
  request(protocol: keyof typeof PROTOCOLS): ControlPacket {
    const found = this.#packets().findLast(
      one => one.protocol === protocol && one.packet.code === CODES.configureRequest,
    )
    if (!found) throw new Error(`no ${protocol} Configure-Request was sent`)
    return found.packet
  }

  /** Acknowledges the newest Configure-Request. */
  acknowledge(protocol: keyof typeof PROTOCOLS): void {
    const { identifier, data } = this.request(protocol)
    this.say(protocol, CODES.configureAck, identifier, formatHex(data))
  }

  #packets(): { readonly protocol: string; readonly packet: ControlPacket }[] {
    return this.#sent.map(({ protocol, information }) => {
      const packet = parseControlPacket(information)
      if (packet instanceof WireFault) throw new Error(`sent: ${packet}`)
      return { protocol: NAMES.get(protocol) ?? protocol.toString(16), packet }
    })
  }

  #drain(): void {
    for (let output = this.link.poll(); output; output = this.link.poll()) {
      if (output.type === 'send') {
        const frame = parseFrame(output.frame)
        if (frame instanceof WireFault) throw new Error(`sent: ${frame}`)
        this.#sent.push(frame)
        continue
      }
      for (const command of this.outside.answer(output)) this.link.handleCommand(command, this.now)
    }
  }
}

/** What a peer asks of LCP that has nothing to negotiate: a magic number. */
export const PLAIN_REQUEST = '0506 11223344'

/** Opens LCP. */
export function openLcp(lone: LoneLink, request = PLAIN_REQUEST): void {
  lone.command({ type: 'open' })
  lone.acknowledge('lcp')
  lone.say('lcp', CODES.configureRequest, 1, request)
}

/** A server whose peer is authenticated by PAP; IPCP and IPV6CP have begun. */
export function authenticated(lone: LoneLink): void {
  openLcp(lone)
  lone.say('pap', 1, 1, `05 616c696365 0d 636f727265637420686f727365`)
}
