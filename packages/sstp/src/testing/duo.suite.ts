import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { Pair, type PairSide, SeededRandom } from '@causeway/netsim'
import type { CallId, CertificateHashes, SstpCommand } from '../sstp-command.ts'
import { createSstpEngine, type SstpEngine } from '../sstp-engine.ts'
import type { SstpSettings } from '../sstp-options.ts'
import type { SstpOutput } from '../sstp-output.ts'
import { CALL, CERTIFICATE, describePacket, SETTINGS } from './bench.suite.ts'
import { Outside, type OutsideOptions } from './outside.suite.ts'

type Side = PairSide<CallId, SstpCommand, SstpOutput>

/** How a client and a server meet. */
export interface DuoOptions {
  readonly seed?: number
  readonly settings?: Partial<SstpSettings>
  readonly client?: Partial<SstpSettings>
  readonly server?: Partial<SstpSettings>
  readonly clientOutside?: OutsideOptions
  readonly serverOutside?: OutsideOptions
  /** What the client saw in TLS; another one is a middleman's. */
  readonly clientCertificate?: CertificateHashes
  /** How long the server's outside takes to answer. */
  readonly thinkMilliseconds?: number
  /** Changes what is sent; nothing given back: lost, as if the peer had never sent it. */
  readonly tamper?: (packet: Uint8Array, from: 'client' | 'server') => Uint8Array | undefined
  /** Stands between an engine and the pair. */
  readonly wire?: (engine: SstpEngine, role: 'client' | 'server') => SstpEngine
}

export interface Duo {
  readonly pair: Pair<CallId, SstpCommand, SstpOutput, CallId, SstpCommand, SstpOutput>
  readonly client: Outside
  readonly server: Outside
  /** SSTP messages that were sent, as `client call-connect-request`; PPP frames are left out. */
  readonly messages: string[]
}

/** Longer than a packet travels. */
const CLOSE_MILLISECONDS = 15

/** A client (a) and a server (b) with their outsides, over a reliable stream; not yet connected. */
export function createDuo(options: DuoOptions = {}): Duo {
  const { seed = 1, tamper = (packet: Uint8Array) => packet, wire = (engine: SstpEngine) => engine } = options
  const messages: string[] = []
  const create = (role: 'client' | 'server'): SstpEngine => {
    const settings = { ...SETTINGS, ...options.settings, ...options[role] }
    const crypto = createSeededCrypto(`${seed} ${role}`)
    return wire(createSstpEngine({ role, crypto, settings: () => settings }), role)
  }
  const side = (role: 'client' | 'server', outside: Outside): Side => ({
    engine: create(role),
    path: CALL,
    handleOutput: (output, actions) => {
      if (output.type === 'send') {
        const packet = tamper(output.packet.slice(), role)
        const described = packet && describePacket(packet)
        if (described && described !== 'ppp') messages.push(`${role} ${described}`)
        if (packet) actions.send(packet)
        return
      }
      if (output.type === 'close-connection') {
        const far = role === 'client' ? pair.b : pair.a
        far.command({ type: 'connection-closed', call: CALL, reason: 'end of stream' }, CLOSE_MILLISECONDS)
        return
      }
      const after = role === 'server' ? options.thinkMilliseconds : undefined
      for (const command of outside.answer(output)) actions.command(command, after)
    },
  })
  const client = new Outside('client', options.clientOutside)
  const server = new Outside('server', options.serverOutside)
  const random = new SeededRandom(seed)
  const pair: Duo['pair'] = new Pair(side('client', client), side('server', server), { random })
  pair.a.command({
    type: 'connection-opened',
    call: CALL,
    certificate: options.clientCertificate ?? CERTIFICATE,
  })
  pair.b.command({ type: 'connection-opened', call: CALL, certificate: CERTIFICATE })
  return { pair, client, server, messages }
}

/** Lets them come to both network protocols, or to an end of both. */
export function meet(duo: Duo, milliseconds = 200_000): Duo {
  const isUp = (outside: Outside) => outside.find('ipv4-opened') && outside.find('ipv6-opened')
  const isOver = (outside: Outside) => outside.find('closed')
  duo.pair.run(
    () => Boolean((isUp(duo.client) && isUp(duo.server)) || (isOver(duo.client) && isOver(duo.server))),
    milliseconds,
  )
  return duo
}
