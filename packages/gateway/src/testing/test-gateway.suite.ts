import { setTimeout as pause } from 'node:timers/promises'
import { DEFAULT_IKEV2, DEFAULT_USERS } from '@causeway/api-contract'
import { createNodeCrypto } from '@causeway/crypto-node'
import { createMemoryDatapath, type MemoryDatapath, MemoryNetwork } from '@causeway/datapath'
import {
  type ClientProfile,
  createTlsCryptV2ServerKey,
  type ProfileRemote,
  STATIC_KEY_BYTES,
} from '@causeway/openvpn'
import {
  type IpAddress,
  type IpPrefix,
  internetChecksum,
  parseIpAddress,
  parseIpPrefix,
} from '@causeway/wire'
import { formatPem, type IssuedCertificate } from '@causeway/x509'
import pino, { type Logger } from 'pino'
import { readIkev2 } from '../arm/ikev2-settings.ts'
import { readP2sPolicies } from '../arm/ipsec-policies.ts'
import { startClient, type VpnClient } from '../client/vpn-client.ts'
import type { GatewayConfiguration, GatewayIdentity, Ikev2Configuration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import { noClientHost } from '../host/client-host.ts'
import { RecordingHost } from '../host/recording-host.ts'
import { type GatewayObserver, NO_OBSERVER } from '../observation/index.ts'
import type { Gateway } from '../runtime/gateway.ts'
import type { GatewayOptions } from '../runtime/gateway-options.ts'
import { startGateway } from '../runtime/start-gateway.ts'
import { NO_SITES } from '../site/site-configuration.ts'
import { clientCredentials, gatewayCredentials, root, type TlsCredentials } from './credentials.suite.ts'

export const address = (text: string): IpAddress => parseIpAddress(text) as IpAddress
export const prefix = (text: string): IpPrefix => parseIpPrefix(text) as IpPrefix

const crypto = createNodeCrypto()
const UDP_PORT = 1194

/** A log line as pino writes it. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string }

const ERROR_LEVEL = 50

/** A logger that keeps its lines. */
export function recordingLog(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as LogLine)
  return { log: pino({ level: 'info' }, { write }), lines }
}

/** What several gateways share, and what is outside of them. */
export interface TestSurroundings {
  readonly network?: MemoryNetwork
  readonly sites?: NonNullable<GatewayOptions['sites']>
  readonly clock?: Clock
}

/** A gateway in memory: real TLS and real TCP on loopback, a memory network for UDP and inner packets. */
export class TestGateway {
  readonly network: MemoryNetwork
  readonly host = new RecordingHost()
  readonly recorded = recordingLog()
  readonly authority: IssuedCertificate
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  readonly observer: GatewayObserver
  readonly clients: TestClient[] = []
  #gateway: Gateway | undefined
  #datapath: MemoryDatapath | undefined
  readonly #surroundings: TestSurroundings

  constructor(
    authority: IssuedCertificate,
    credentials: TlsCredentials,
    changes: Partial<GatewayConfiguration>,
    observer: GatewayObserver = NO_OBSERVER,
    surroundings: TestSurroundings = {},
  ) {
    this.observer = observer
    this.network = surroundings.network ?? new MemoryNetwork()
    this.#surroundings = surroundings
    this.authority = authority
    this.configuration = { ...defaultConfiguration(authority), ...changes }
    this.identity = {
      certificateChain: credentials.certificateChain,
      serverName: 'gateway.test',
      privateKey: credentials.privateKey,
      tlsAuthKey: crypto.random(STATIC_KEY_BYTES),
      tlsCryptKey: crypto.random(STATIC_KEY_BYTES),
      tlsCryptV2ServerKey: createTlsCryptV2ServerKey(crypto),
    }
  }

  get gateway(): Gateway {
    if (!this.#gateway) throw new Error('the gateway was not started')
    return this.#gateway
  }

  get datapath(): MemoryDatapath {
    if (!this.#datapath) throw new Error('the gateway was not started')
    return this.#datapath
  }

  async start(): Promise<void> {
    this.#gateway = await startGateway({
      configuration: this.configuration,
      identity: this.identity,
      createDatapath: onEvents => {
        this.#datapath = createMemoryDatapath({ workers: 1, onEvents }, this.network)
        return this.#datapath
      },
      host: this.host,
      log: this.recorded.log,
      observer: this.observer,
      farewellMilliseconds: 100,
      ...(this.#surroundings.sites && { sites: this.#surroundings.sites }),
      ...(this.#surroundings.clock && { clock: this.#surroundings.clock }),
    })
  }

  /** What listens for this transport on loopback. */
  remote(transport: 'udp' | 'tcp'): ProfileRemote {
    const listener = this.gateway.listeners().find(each => each.transport === transport)
    return { host: '127.0.0.1', port: listener?.local.port ?? 0, transport }
  }

  profile(credentials: TlsCredentials, changes: Partial<ClientProfile> = {}): ClientProfile {
    return {
      remotes: [this.remote('udp')],
      requireServerUsage: true,
      serverName: { name: 'gateway.test', match: 'name' },
      auth: 'SHA256',
      dataCiphers: [],
      ca: formatPem(this.authority.certificate),
      certificate: credentials.certificateChain,
      privateKey: credentials.privateKey,
      wrap: { type: 'tls-auth', staticKey: this.identity.tlsAuthKey, direction: 1 },
      compression: 'none',
      ...changes,
    }
  }

  connect(profile: ClientProfile): TestClient {
    const client = new TestClient(profile, this.network)
    this.clients.push(client)
    return client
  }

  async connectAs(name: string, changes: Partial<ClientProfile> = {}): Promise<TestClient> {
    const client = this.connect(this.profile(await clientCredentials(this.authority, name), changes))
    await client.connected
    await this.eventually(() => this.gateway.sessions().some(({ user }) => user === name))
    return client
  }

  /** Waits for what real TLS and TCP take a moment for. */
  async eventually(condition: () => boolean, milliseconds = 3000): Promise<void> {
    const end = Date.now() + milliseconds
    while (!condition()) {
      if (Date.now() > end) throw new Error(`did not happen: ${condition}\n${this.messages().join('\n')}`)
      await pause(2)
    }
  }

  messages(): string[] {
    return this.recorded.lines.map(({ msg }) => msg)
  }

  /** Errors: what was logged as a defect of ours. */
  async stop(): Promise<void> {
    await Promise.all(this.clients.map(client => client.stop()))
    await this.#gateway?.stop()
    const recorded = [this, ...this.clients].flatMap(each => each.recorded.lines)
    // A tunnel that is down is an error for the operator, and often what a test is about.
    const ours = recorded.filter(({ category }) => category !== 'TunnelDiagnosticLog')
    const defect = ours.find(({ level }) => level >= ERROR_LEVEL)
    if (defect) throw new Error(JSON.stringify(defect))
  }
}

/** A client in memory. */
export class TestClient {
  readonly recorded = recordingLog()
  readonly vpn: VpnClient
  /** Inner addresses. */
  readonly connected: Promise<readonly string[]>
  readonly disconnected: Promise<string>
  readonly failed: Promise<string>
  #datapath: MemoryDatapath | undefined

  constructor(profile: ClientProfile, network: MemoryNetwork) {
    const connected = deferred<readonly string[]>()
    const disconnected = deferred<string>()
    this.vpn = startClient({
      profile,
      createDatapath: onEvents => {
        this.#datapath = createMemoryDatapath({ workers: 1, onEvents }, network)
        return this.#datapath
      },
      host: noClientHost,
      log: this.recorded.log,
      onConnected: connected.resolve,
      onDisconnected: disconnected.resolve,
    })
    this.failed = this.vpn.done.then(
      () => 'stopped',
      error => (error as Error).message,
    )
    this.connected = Promise.race([
      connected.promise,
      this.failed.then(reason => Promise.reject(new Error(reason))),
    ])
    this.connected.catch(() => undefined)
    this.disconnected = disconnected.promise
  }

  get datapath(): MemoryDatapath {
    if (!this.#datapath) throw new Error('the client has no datapath')
    return this.#datapath
  }

  stop(): Promise<void> {
    return this.vpn.stop()
  }
}

/** A bare IPv4 packet (RFC 791) without a payload, as inner traffic. */
export function innerPacket(source: string, destination: string): Uint8Array {
  const packet = new Uint8Array(20)
  packet.set([0x45, 0, 0, 20, 0, 0, 0, 0, 64, 59])
  packet.set(address(source).bytes, 12)
  packet.set(address(destination).bytes, 16)
  const checksum = internetChecksum(packet)
  packet.set([checksum >> 8, checksum & 0xff], 10)
  return packet
}

function deferred<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A gateway that runs, with its own authority. */
export async function testGateway(
  changes: Partial<GatewayConfiguration> = {},
  observer?: GatewayObserver,
  surroundings?: TestSurroundings,
): Promise<TestGateway> {
  const authority = await root()
  const credentials = await gatewayCredentials(authority)
  const gateway = new TestGateway(authority, credentials, changes, observer, surroundings)
  await gateway.start()
  return gateway
}

/** The policies of the document and the default times. */
export function defaultIkev2(): Ikev2Configuration {
  const report = (path: string, problem: string): never => {
    throw new Error(`${path} ${problem}`)
  }
  return readIkev2({ ...DEFAULT_IKEV2, addresses: [] }, readP2sPolicies([], '', report), report)
}

/** UDP and TCP on loopback, both families, one inside network. */
export function defaultConfiguration(authority: IssuedCertificate): GatewayConfiguration {
  const local = { address: address('127.0.0.1'), port: 0 }
  return {
    name: 'test',
    tunnels: new Set(['OpenVPN']),
    // Tests that change the tunnel types need not name what is served in any case.
    authentication: new Map(
      (['OpenVPN', 'IkeV2', 'SSTP'] as const).map(tunnel => [tunnel, new Set(['Certificate'] as const)]),
    ),
    ikev2: defaultIkev2(),
    listeners: [
      { transport: 'udp', service: 'openvpn', local: { ...local, port: UDP_PORT } },
      { transport: 'tcp', service: 'shared', local },
    ],
    groups: [],
    userLimits: DEFAULT_USERS,
    pool: { ipv4: prefix('10.8.0.0/24'), ipv6: prefix('fd00:8::/64') },
    insidePrefixes: [prefix('10.1.0.0/16')],
    customRoutes: [],
    dnsServers: [address('10.1.0.53')],
    dnsSearchDomains: ['corp.test'],
    certificateAuthentication: {
      roots: [authority.certificate],
      intermediates: [],
      revokedThumbprints: new Set(),
    },
    openvpn: {
      wraps: new Set(['tls-auth', 'tls-crypt', 'tls-crypt-v2']),
      dataCiphers: ['AES-256-GCM', 'AES-128-GCM', 'CHACHA20-POLY1305'],
      fallbackCipher: 'AES-256-GCM',
      tlsMinimum: 'TLSv1.2',
      tlsMaximum: 'TLSv1.3',
      tlsCiphers: ['TLS_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      pingSeconds: 10,
      pingRestartSeconds: 60,
      renegotiationSeconds: 0,
      renegotiationBytes: 0,
      tunnelMtu: 1500,
    },
    clientToClient: false,
    nat: true,
    sessionLimits: { ikev2OpenVpn: 100, sstp: 128 },
    sites: NO_SITES,
    sstp: { tunnelMtu: 1400, helloSeconds: 60, negotiationSeconds: 60 },
  }
}
