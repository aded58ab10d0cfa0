import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTlsContext, type TlsConnection } from '@causeway/control-tls'
import { parseIpPrefix } from '@causeway/wire'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import type { Datapath } from './datapath.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { FlowId, StreamId } from './ids.ts'
import { createNativeTestDatapath, type NativeTestDatapath } from './native-test-datapath.ts'

/** Steps of a millisecond after which an expectation has failed. */
const MOST_STEPS = 8000

/** Two sockets of one connection, which Node does not read. */
export interface Sockets {
  readonly server: Socket
  readonly client: Socket
  close(): void
}

export async function openSockets(): Promise<Sockets> {
  const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { readonly port: number }
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause()
  const [server] = (await once(listener, 'connection')) as [Socket]
  if (client.connecting) await once(client, 'connect')
  return {
    server,
    client,
    close: () => {
      server.destroy()
      client.destroy()
      listener.close()
    },
  }
}

/** Both ends of an established connection. */
export interface TlsEnds {
  readonly server: TlsConnection
  readonly client: TlsConnection
}

export async function openTlsEnds(version: 'TLSv1.2' | 'TLSv1.3'): Promise<TlsEnds> {
  const ciphers = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_AES_256_GCM_SHA384']
  const policy = { minimum: version, maximum: version, ciphers, exports: [] } as const
  const server = createTlsContext({
    ...policy,
    ...(await credentials()),
    role: 'server',
    peerCertificate: 'none',
  }).open()
  const client = createTlsContext({ ...policy, role: 'client' }).open()
  let toServer = client.start().records
  while (toServer) {
    const { records } = server.input(toServer)
    toServer = records && client.input(records).records
  }
  return { server, client }
}

/** One native datapath with a stream and its flow. */
export class SstpEnd {
  readonly events: DatapathEvent[] = []
  /** Told in the turn of an event. */
  onEvent: (() => void) | undefined
  readonly native: NativeTestDatapath
  readonly stream: StreamId
  flow: FlowId = 0

  constructor(recordPerPacket: boolean) {
    this.native = createNativeTestDatapath({
      workers: 2,
      onEvents: batch => {
        this.events.push(...batch)
        this.onEvent?.()
      },
    })
    this.datapath.openTun({ name: 'sstp%d', mtu: 1500 })
    this.stream = this.datapath.openStream({ framing: 'sstp', recordPerPacket })
  }

  get datapath(): Datapath {
    return this.native.datapath
  }

  adopt(socket: Socket): void {
    const { _handle } = socket as unknown as { readonly _handle: { readonly fd: number; readStop(): void } }
    _handle.readStop()
    this.datapath.adoptSocket(this.stream, _handle.fd)
  }

  openFlow(peer: string): void {
    this.flow = this.datapath.openFlow({
      protocol: 'sstp',
      path: { type: 'stream', stream: this.stream },
      clampBytes: 1400,
      innerMtu: 1400,
      compressAddressControl: true,
      compressProtocol: false,
      idleTimeoutSeconds: 0,
    })
    const prefix = parseIpPrefix(`${peer}/32`)
    if (!prefix) throw new TypeError(peer)
    this.datapath.changeRoutes([{ type: 'add', prefix, flow: this.flow }])
  }

  /** The next so many packets for the host. */
  async arrived(count: number): Promise<Uint8Array[]> {
    const packets: Uint8Array[] = []
    await until(() => packets.push(...this.native.tunRead()) >= count)
    return packets
  }
}

/** An SSTP echo request with a number behind it. */
export function echo(number: number): Uint8Array {
  return Uint8Array.of(0x10, 0x01, 0, 10, 0, 8, 0, 0, number >> 8, number & 0xff)
}

/** Polls until it holds: worker threads have no event of their own. Errors: it does not. */
export async function until(holds: () => boolean): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (holds()) return
    await sleep(1)
  }
  throw new Error('did not happen')
}

export interface Credentials {
  readonly certificateChain: string
  readonly privateKey: string
}

let issued: Promise<Credentials> | undefined

export function credentials(): Promise<Credentials> {
  issued ??= issue()
  return issued
}

async function issue(): Promise<Credentials> {
  const now = Math.floor(Date.now() / 1000)
  const validity = { key: 'ecdsa-p256', notBefore: now - 3600, notAfter: now + 3600 } as const
  const root = await issueRoot({ commonName: 'Root', ...validity })
  const names = { commonName: 'gateway.test', dnsNames: ['gateway.test'] }
  const { certificate, privateKey } = await issueServerCertificate(root, { ...names, ...validity })
  return { certificateChain: formatPem(certificate), privateKey }
}
