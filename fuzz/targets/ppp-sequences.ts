import type { PppAuthentication, PppCommand, PppOutput, PppReply, PppRequest } from '@causeway/ppp'
import { formatHex, sameBytes } from '@causeway/wire'
import { LoneLink } from '../../packages/ppp/src/testing/lone-link.suite.ts'
import { clientOptions, NETWORK, serverOptions } from '../../packages/ppp/src/testing/options.suite.ts'
import { Outside } from '../../packages/ppp/src/testing/surroundings.ts'
import { Script } from '../script.ts'
import type { FuzzTarget } from '../target.ts'

/** Steps of one input. */
const MOST_STEPS = 300
/** Frames that one step may be answered by: a timer of every name, and what follows from it. */
const MOST_ANSWERS = 12
/** Longer than every timer of a link. */
const REST_MS = 200_000

const PROTOCOLS = ['lcp', 'ipcp', 'ipv6cp', 'pap', 'chap', 'eap'] as const
type Protocol = (typeof PROTOCOLS)[number]
const METHODS: readonly PppAuthentication[] = ['eap', 'chap-mschapv2', 'pap']

/** Options that somebody might ask for, and some that nobody should. */
const OPTIONS = [
  '0506 11223344',
  '0104 05dc',
  '0304 c023',
  '0305 c22381',
  '0304 c227',
  '0702',
  '0802',
  '0d03 06',
  '0306 0a09004d',
  '0306 00000000',
  '8106 0a090035',
  '8306 00000000',
  '010a 000000000000004d',
  '010a 0000000000000000',
]
/** What proves that a peer may come in: of a client, by each protocol. And what a server says then. */
const PROOFS: Readonly<Record<'pap' | 'chap' | 'eap', readonly [code: number, data: string][]>> = {
  pap: [
    [1, '05 616c696365 0d 636f727265637420686f727365'],
    [2, '00'],
  ],
  chap: [
    [2, `31 ${'07'.repeat(16)} ${'00'.repeat(8)} ${'5a'.repeat(24)} 00 616c696365`],
    [1, `10 ${'09'.repeat(16)} 6777`],
    [3, Buffer.from(`S=${'0123456789ABCDEF0123'.repeat(2)} M=ok`).toString('hex')],
  ],
  eap: [
    [2, 'ff42'],
    [1, 'ff'],
    [3, ''],
  ],
}

/** Notes whether anybody was let in, and lets nobody in when the script says so. */
class Judge extends Outside {
  readonly #denies: boolean
  hasAllowed = false

  constructor(role: 'server' | 'client', denies: boolean) {
    super({ role, network: NETWORK })
    this.#denies = denies
  }

  override answer(output: Exclude<PppOutput, { readonly type: 'send' }>): PppCommand[] {
    const commands = super.answer(output)
    if (commands.some(({ type }) => type === 'eap-success')) this.hasAllowed = true
    if (output.type === 'event') this.#require(output.event.type)
    return commands
  }

  override reply(request: PppRequest): PppReply {
    const isVerdict = request.type !== 'network' && request.type !== 'mschapv2-response'
    if (this.#denies && isVerdict) return { type: 'deny', reason: 'as the script has it' }
    const reply = super.reply(request)
    const allows = reply.type === 'allow' || reply.type === 'trusted' || reply.type === 'pap-credentials'
    if (allows) this.hasAllowed = true
    return reply
  }

  #require(event: string): void {
    const names = this.events.map(({ type }) => type)
    const needsEntry = event === 'authenticated' || event.endsWith('-opened')
    if (needsEntry && event !== 'link-opened' && !this.hasAllowed)
      throw new Error(`${event}, and nobody was let in`)
    if (event.startsWith('ipv') && !names.includes('authenticated')) throw new Error(`${event} too early`)
    if (names.indexOf('closed') >= 0 && names.indexOf('closed') !== names.length - 1)
      throw new Error(`${event} after the end`)
    const opened = names.filter(type => type === event && type.startsWith('ipv'))
    if (opened.length > 1) throw new Error(`${event} twice`)
  }
}

/** One link, and a peer that the script speaks for. */
class Stage {
  readonly #script: Script
  readonly #judge: Judge
  readonly #lone: LoneLink
  /** The newest packet sent in each protocol: `[code, identifier, data]`; of control protocols a Configure-Request. */
  readonly #newest = new Map<string, readonly [number, number, string]>()

  constructor(input: Uint8Array) {
    this.#script = new Script(input)
    const role = this.#script.next() % 2 === 0 ? 'server' : 'client'
    const authentication = [this.#script.pick(METHODS)]
    this.#judge = new Judge(role, this.#script.next() % 4 === 3)
    const options =
      role === 'server'
        ? serverOptions(1, { authentication, eapRepeatMilliseconds: 2000 })
        : clientOptions(1, { authentication })
    this.#lone = new LoneLink(options, this.#judge)
    this.#lone.command({ type: 'open' })
    this.#listen(MOST_ANSWERS)
  }

  play(): void {
    for (let left = MOST_STEPS; left > 0 && !this.#script.isOver; left--) {
      const timers = this.#step()
      this.#listen(MOST_ANSWERS * timers)
    }
    this.#rest()
  }

  /** Gives how many times the link was called. */
  #step(): number {
    switch (this.#script.next() % 8) {
      case 0:
        this.#acknowledge(this.#script.pick(PROTOCOLS))
        return 1
      case 1:
        this.#lone.say(this.#script.pick(PROTOCOLS), 1, this.#script.next(), this.#options())
        return 1
      case 2:
        this.#prove()
        return 1
      case 3:
        this.#speak(this.#script.pick(PROTOCOLS))
        return 1
      case 4:
        this.#lone.frame(this.#script.bytes(this.#script.next() % 48))
        return 1
      case 5: {
        const seconds = this.#script.next() % 40
        this.#lone.wait(1000 * seconds)
        return 1 + seconds
      }
      case 6:
        this.#lone.command(this.#command())
        return 1
      default:
        this.#refuse(this.#script.pick(PROTOCOLS))
        return 1
    }
  }

  #options(): string {
    const count = this.#script.next() % 5
    const options = Array.from({ length: count }, () => this.#script.pick(OPTIONS))
    return options.join('').replaceAll(' ', '')
  }

  #acknowledge(protocol: Protocol): void {
    const [, identifier, data] = this.#newest.get(protocol) ?? [0, 0, '']
    this.#lone.say(protocol, 2, identifier, data)
  }

  /** A Nak or Reject of what was asked last. */
  #refuse(protocol: Protocol): void {
    const [, identifier, data] = this.#newest.get(protocol) ?? [0, 0, '']
    const code = 3 + (this.#script.next() % 2)
    const said = code === 4 && this.#script.next() % 2 === 0 ? data : this.#options()
    this.#lone.say(protocol, code, identifier, said)
  }

  #prove(): void {
    const protocol = this.#script.pick(['pap', 'chap', 'eap'] as const)
    const [code, data] = this.#script.pick(PROOFS[protocol])
    this.#lone.say(protocol, code, this.#newest.get(protocol)?.[1] ?? 1, data)
  }

  #speak(protocol: Protocol): void {
    const code = this.#script.next() % 15
    const identifier = this.#script.next() % 8
    this.#lone.say(protocol, code, identifier, formatHex(this.#script.bytes(this.#script.next() % 40)))
  }

  #command(): PppCommand {
    const packet = Uint8Array.of(1, this.#script.next(), 0, 4)
    return this.#script.pick<PppCommand>([
      { type: 'eap-packet', packet },
      { type: 'eap-failure', packet, reason: 'as the script has it' },
      { type: 'reply', id: 1, reply: { type: 'deny', reason: 'late' } },
      { type: 'open' },
      { type: 'close', reason: 'as the script has it' },
      { type: 'down', reason: 'as the script has it' },
    ])
  }

  #listen(most: number): void {
    const heard = this.#lone.heard()
    if (heard.length > most) throw new Error(`${heard.length} frames at once`)
    for (const packet of heard) {
      const [protocol = '', code, identifier, data = ''] = packet.split(' ')
      const isControl = protocol === 'lcp' || protocol === 'ipcp' || protocol === 'ipv6cp'
      if (!isControl || code === '1') this.#newest.set(protocol, [Number(code), Number(identifier), data])
    }
    this.#requireLease()
  }

  /** A server never lets a peer have another address than its own. */
  #requireLease(): void {
    const opened = this.#judge.find('ipv4-opened')
    if (!opened || this.#lone.isClient) return
    if (!sameBytes(opened.peer.bytes, NETWORK.ipv4.peer.bytes)) throw new Error('another address was leased')
  }

  /** The link goes, whatever the peer says no more. Errors: `Error` when something is left. */
  #rest(): void {
    this.#lone.command({ type: 'close', reason: 'the end' })
    this.#lone.wait(REST_MS)
    const left = [this.#judge.eapsOpen, this.#lone.link.nextTimeout() ?? 0]
    if (!this.#lone.closed || left.some(count => count !== 0))
      throw new Error(`left behind: ${left.join(' ')}`)
  }
}

const [ACK, ASK, PROVE, NAK] = [0, 1, 2, 7]
/** LCP with a magic number. */
const LCP_ASKS = [ASK, 0, 1, 1, 0]
const MEET = [ACK, 0, ...LCP_ASKS]
/** IPCP with the address that is leased, IPV6CP likewise. */
const NETWORKS = [ACK, 1, ASK, 1, 1, 1, 8, ACK, 2, ASK, 2, 1, 1, 12]
/** The same for a client, which is told its address by a Nak. */
const LEASE = [NAK, 1, 0, 1, 8, ...NETWORKS]

/**
 * Frames of a peer to a live link of either role, right ones among wrong ones, with the outside's answers and time
 * between: nothing throws, no more is sent than there was a cause for, nobody is let in whom nobody has let in, and in
 * the end nothing is left.
 */
export const pppSequences: FuzzTarget = {
  name: 'ppp-sequences',
  seeds: () =>
    [
      [0, 0, 0, ...MEET, PROVE, 2, 0, ...NETWORKS, 5, 30, 3, 0, 5, 1, 0],
      [0, 1, 0, ...MEET, PROVE, 1, 0, ...NETWORKS, 3, 0, 9, 1, 4, 1, 2, 3, 4],
      [0, 2, 0, ...MEET, PROVE, 0, 0, ...NETWORKS, 7, 1, 1, 0, 3, 1, 5, 1, 0],
      [0, 2, 3, ...MEET, PROVE, 0, 0],
      [1, 0, 0, ACK, 0, ASK, 0, 1, 2, 0, 4, PROVE, 2, 1, PROVE, 2, 2, ...LEASE],
      [1, 1, 0, ACK, 0, ASK, 0, 1, 2, 0, 3, PROVE, 1, 1, PROVE, 1, 2, ...LEASE, 7, 1, 0, 2, 8, 10],
      [1, 2, 0, ACK, 0, ASK, 0, 1, 2, 0, 2, PROVE, 0, 1, ...LEASE, 5, 39],
      [0, 0, 0, 7, 0, 0, 1, 2, 7, 0, 1, 0, ...MEET, 4, 6, 0xff, 3, 0x80, 0xfd, 1, 1],
    ].map(bytes => Uint8Array.from(bytes)),
  run: input => new Stage(input).play(),
}
