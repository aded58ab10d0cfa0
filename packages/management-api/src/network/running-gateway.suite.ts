import type { GatewaySettings } from '@causeway/api-contract'
import {
  type CertificateReader,
  CommandError,
  type ConnectionRecord,
  type ConnectionResource,
  formatConfigurationFault,
  type GatewayResource,
  type ManagedGateway,
  type ProfilePackageRequest,
  readGatewayConfiguration,
  type SessionRecord,
} from '@causeway/gateway'

/** A gateway in memory: judges as the real one does, keeps what is applied, and has what sessions it is given. */
export class MemoryGateway implements ManagedGateway {
  inForce: GatewayResource | undefined
  running: SessionRecord[] = []
  sessionsReset = 0
  readonly connected = new Map<string, ConnectionResource>()
  /** How connections stand. */
  records: readonly ConnectionRecord[] = []
  readonly connectionsReset: string[] = []
  reader: CertificateReader | undefined
  /** How often it was told to look at its certificates. */
  hints = 0
  readonly packages: ProfilePackageRequest[] = []
  /** What is done before a change, and may fail. */
  beforeApply: () => Promise<void> = async () => undefined
  /** What is done within a command before its change. */
  beforeCommand: () => Promise<void> = async () => undefined
  #listener: (() => Promise<void>) | undefined
  #tail: Promise<unknown> = Promise.resolve()
  readonly #waiting = new Set<() => void>()
  readonly #settings: GatewaySettings

  constructor(settings: GatewaySettings = { hostNames: ['gateway.example', '198.51.100.7', '2001:db8::7'] }) {
    this.#settings = settings
  }

  present(): GatewayResource | undefined {
    return this.inForce
  }

  settings(): GatewaySettings {
    return this.#settings
  }

  check({ resource, network }: GatewayResource): ReturnType<ManagedGateway['check']> {
    const isSame = resource.id === this.inForce?.resource.id
    return this.#faults({ resource, ...(network && { network }) }, isSame ? this.connectionsInForce() : [])
  }

  #faults(
    { resource, network }: GatewayResource,
    connections: readonly ConnectionResource[],
  ): ReturnType<ManagedGateway['check']> {
    const read = readGatewayConfiguration(resource, this.#settings, network, connections)
    return read.type === 'good' ? [] : read.faults
  }

  /** In turn; a command that comes before it refuses it, as the real gateway does. */
  apply(next: GatewayResource | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(new CommandError('Conflict', 'changed by a command meanwhile'))
      this.#waiting.add(refuse)
      this.#inTurn(async () => {
        if (this.#waiting.delete(refuse)) await this.#change(next)
      }).then(resolve, reject)
    })
  }

  async #change(next: GatewayResource | undefined): Promise<void> {
    await this.beforeApply()
    refuse(next ? this.check(next) : [])
    if (next?.resource.id !== this.inForce?.resource.id) this.connected.clear()
    this.inForce = next
  }

  /** What a command of the operator does. */
  command(next: GatewayResource | undefined): Promise<void> {
    return this.#inTurn(async () => {
      await this.beforeCommand()
      this.inForce = next
      for (const refuse of this.#waiting) refuse()
      this.#waiting.clear()
      await this.#listener?.()
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }

  onChanged(listener: (() => Promise<void>) | undefined): void {
    this.#listener = listener
  }

  async retryChanged(): Promise<void> {
    await this.#listener?.()
  }

  sessions(): readonly SessionRecord[] {
    return this.running
  }

  disconnect(id: string): boolean {
    const before = this.running.length
    this.running = this.running.filter(session => session.id !== id)
    return this.running.length < before
  }

  async reset(): Promise<void> {
    this.running = []
    this.sessionsReset++
  }

  connectionsInForce(): readonly ConnectionResource[] {
    return [...this.connected.values()]
  }

  checkConnection(next: ConnectionResource): ReturnType<ManagedGateway['checkConnection']> {
    const { inForce } = this
    return inForce ? this.#faults(inForce, [...new Map(this.connected).set(keyOf(next), next).values()]) : []
  }

  applyConnection(next: ConnectionResource): Promise<void> {
    return this.#inTurn(async () => {
      await this.beforeApply()
      refuse(this.checkConnection(next))
      this.connected.set(keyOf(next), next)
    })
  }

  removeConnection(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.beforeApply()
      this.connected.delete(id.toLowerCase())
    })
  }

  connections(): readonly ConnectionRecord[] {
    return this.records
  }

  resetConnection(id: string): boolean {
    this.connectionsReset.push(id)
    return this.connected.has(id)
  }

  readCertificatesBy(reader: CertificateReader | undefined): void {
    this.reader = reader
  }

  certificatesChanged(): void {
    this.hints++
  }

  async profilePackage(request: ProfilePackageRequest): Promise<Uint8Array> {
    this.packages.push(request)
    return new TextEncoder().encode('PK')
  }
}

function keyOf({ connection }: ConnectionResource): string {
  return (connection.id ?? '').toLowerCase()
}

function refuse([fault]: ReturnType<ManagedGateway['check']>): void {
  if (!fault) return
  const message = formatConfigurationFault(fault)
  throw new CommandError('InvalidParameter', message, [
    { code: 'InvalidParameter', message, target: fault.path },
  ])
}

export function session(id: string): SessionRecord {
  return {
    id,
    user: 'alice',
    identity: 'CN=alice',
    thumbprint: undefined,
    protocol: 'OpenVPN',
    transport: 'udp',
    cipher: 'AES-256-GCM',
    outer: '203.0.113.9:50000',
    innerAddresses: ['172.16.201.2', 'fd00::2'],
    startedAt: 1_799_999_940,
    clientVersion: '',
    bytesReceived: 10,
    bytesSent: 20,
    packetsReceived: 1,
    packetsSent: 2,
  }
}
