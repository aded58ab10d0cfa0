import type { CryptoPort } from '@causeway/crypto'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { Engine } from '@causeway/engine'
import { type LinkOptions, Pair, type PairSide, SeededRandom } from '@causeway/netsim'
import { parseIpAddress } from '@causeway/wire'
import { createOpenVpnClient, type OpenVpnClient } from '../client/client.ts'
import type { OpenVpnClientOptions } from '../client/client-options.ts'
import type { OpenVpnCommand, OpenVpnReply } from '../command.ts'
import type { OpenVpnOutput, OpenVpnRequest } from '../output.ts'
import type { Path } from '../path.ts'
import type { PushOptions } from '../push-options.ts'
import { createOpenVpnServer, type OpenVpnServer } from '../server/server.ts'
import type { OpenVpnServerOptions } from '../server/server-options.ts'
import { NO_WRAP } from '../wrap/control-wrap.ts'
import { Surroundings } from './surroundings.ts'

const address = (text: string) => parseIpAddress(text) as NonNullable<ReturnType<typeof parseIpAddress>>

/** What a server that lets everyone in pushes. */
export const PUSHED: PushOptions = {
  ipv4: { address: address('10.8.0.2'), prefixLength: 24, gateway: address('10.8.0.1') },
  routes: [],
  redirectGateway: false,
  dnsServers: [],
  dnsSearchDomains: [],
}

export const CLIENT_ENDPOINT = { address: address('198.51.100.7'), port: 40_000 }
export const SERVER_ENDPOINT = { address: address('192.0.2.1'), port: 1194 }

export interface DuoOptions {
  readonly seed?: number
  readonly transport?: 'udp' | 'stream'
  readonly server?: Partial<OpenVpnServerOptions>
  readonly client?: Partial<OpenVpnClientOptions>
  readonly link?: LinkOptions
  readonly decide?: (request: OpenVpnRequest) => OpenVpnReply | undefined
  /** Stands between an engine and the pair: a recorder. */
  readonly wire?: {
    readonly client?: (engine: OpenVpnEngine) => OpenVpnEngine
    readonly server?: (engine: OpenVpnEngine) => OpenVpnEngine
  }
}

export type OpenVpnEngine = Engine<Path, OpenVpnCommand, OpenVpnOutput>

/** A client and a server engine with their surroundings, joined by a link under a virtual clock. */
export interface Duo {
  readonly pair: Pair<Path, OpenVpnCommand, OpenVpnOutput, Path, OpenVpnCommand, OpenVpnOutput>
  readonly client: OpenVpnClient
  readonly server: OpenVpnServer
  readonly clientSide: Surroundings
  readonly serverSide: Surroundings
  /** The path by which the client sees the server. */
  readonly clientPath: Path
  /** The path by which the server sees the client. */
  readonly serverPath: Path
}

export function serverOptions(crypto: CryptoPort, unixSeconds: () => number): OpenVpnServerOptions {
  return {
    crypto,
    unixSeconds,
    wraps: { allowNone: true },
    dataCiphers: ['AES-256-GCM', 'AES-128-GCM', 'CHACHA20-POLY1305'],
    fallbackDigest: 'SHA256',
    pingSeconds: 10,
    pingRestartSeconds: 60,
    renegotiationSeconds: 0,
    epochData: false,
  }
}

export function clientOptions(crypto: CryptoPort, unixSeconds: () => number): OpenVpnClientOptions {
  return {
    crypto,
    unixSeconds,
    wrap: NO_WRAP,
    dataCiphers: ['AES-256-GCM', 'CHACHA20-POLY1305'],
    digest: 'SHA256',
    version: '2.6.14',
    tunnelMtu: 1500,
    epochData: false,
    renegotiationSeconds: 0,
  }
}

/** Lets everyone in and trusts everyone. */
export function letIn(request: OpenVpnRequest): OpenVpnReply {
  switch (request.type) {
    case 'authenticate':
      return { type: 'allow', options: PUSHED }
    case 'verify-server':
      return { type: 'trust' }
    case 'configure':
      return { type: 'configured' }
    default:
      return request satisfies never
  }
}

function seeded(seed: number, part: string): CryptoPort {
  return createSeededCrypto(`${seed} ${part}`)
}

export function createDuo(options: DuoOptions = {}): Duo {
  const { seed = 1, transport = 'udp', link, decide = letIn } = options
  const path = (remote: typeof CLIENT_ENDPOINT): Path =>
    transport === 'udp' ? { type: 'udp', port: 1, remote } : { type: 'stream', stream: 1, remote }
  const clientPath = path(SERVER_ENDPOINT)
  const serverPath = path(CLIENT_ENDPOINT)
  let clock = () => 0
  const unixSeconds = () => 1_700_000_000 + Math.floor(clock() / 1000)
  const server = createOpenVpnServer({
    ...serverOptions(seeded(seed, 'server'), unixSeconds),
    ...options.server,
  })
  const client = createOpenVpnClient({
    ...clientOptions(seeded(seed, 'client'), unixSeconds),
    ...options.client,
  })
  const serverSide = new Surroundings({ crypto: seeded(seed, 'server TLS'), role: 'server', decide })
  const clientSide = new Surroundings({ crypto: seeded(seed, 'client TLS'), role: 'client', decide })
  const pair = new Pair(
    side(options.wire?.client?.(client) ?? client, clientSide, clientPath, link),
    side(options.wire?.server?.(server) ?? server, serverSide, serverPath, link),
    { random: new SeededRandom(seed) },
  )
  clock = () => pair.clock.now
  return { pair, client, server, clientSide, serverSide, clientPath, serverPath }
}

/** Connects; `true` when both sides are live within a virtual minute. */
export function connect({ pair, clientSide, serverSide, clientPath }: Duo): boolean {
  pair.a.command({ type: 'connect', path: clientPath })
  const met = () => clientSide.flows.size === 1 && serverSide.flows.size === 1
  return pair.run(met, 60_000) === 'met'
}

function side(
  engine: OpenVpnEngine,
  surroundings: Surroundings,
  path: Path,
  link: LinkOptions | undefined,
): PairSide<Path, OpenVpnCommand, OpenVpnOutput> {
  return {
    engine,
    path,
    ...(link && { link }),
    handleOutput: (output, actions) =>
      surroundings.handle(output, {
        send: bytes => actions.send(bytes),
        command: command => actions.command(command),
      }),
  }
}
