import { createTlsContext, type TlsConnection, type TlsReport } from '@causeway/control-tls'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { type DatapathFixture, type Gateway, openGateway } from './datapath-fixture.suite.ts'
import { SstpClient, type SstpClientOptions } from './datapath-sstp-fixture.suite.ts'

/** TLS of one version with one suite, by OpenSSL's name. */
export interface TlsForm {
  readonly version: 'TLSv1.2' | 'TLSv1.3'
  readonly cipher: string
}

export const TLS_1_2: TlsForm = { version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384' }
export const TLS_1_3: TlsForm = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' }

/** Authenticated ciphers and CBC, of either version. */
export const TLS_FORMS: readonly TlsForm[] = [
  TLS_1_2,
  { version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
  { version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES256-SHA384' },
  { version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-SHA256' },
  TLS_1_3,
  { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
]

/** A server's connection, established, and the client's end of it. */
export interface TlsPair {
  readonly server: TlsConnection
  readonly peer: TlsPeer
}

/** Ends the handshake between two ends in memory. */
export async function openTlsPair({ version, cipher }: TlsForm): Promise<TlsPair> {
  const policy = { minimum: version, maximum: version, ciphers: [cipher], exports: [] } as const
  const server = createTlsContext({ ...policy, ...(await credentials()), role: 'server' }).open()
  const peer = new TlsPeer(createTlsContext({ ...policy, role: 'client' }).open())
  for (let flight = peer.start(); flight.length > 0; ) {
    const { records, failure } = server.input(flight)
    if (failure !== undefined) throw new Error(failure)
    flight = records ? peer.input(records) : new Uint8Array(0)
  }
  return { server, peer }
}

/** The client's end of a connection. */
export class TlsPeer {
  readonly #connection: TlsConnection
  #plaintext: Uint8Array[] = []
  failure: string | undefined

  constructor(connection: TlsConnection) {
    this.#connection = connection
  }

  /** Each call gives the records for the server. */
  start(): Uint8Array {
    return this.#take(this.#connection.start())
  }

  input(records: Uint8Array): Uint8Array {
    return this.#take(this.#connection.input(records))
  }

  write(plaintext: Uint8Array): Uint8Array {
    return this.#take(this.#connection.write(plaintext))
  }

  end(): Uint8Array {
    return this.#take(this.#connection.end())
  }

  /** What the server has written since the last call. */
  read(): Uint8Array {
    const plaintext = new Uint8Array(Buffer.concat(this.#plaintext))
    this.#plaintext = []
    return plaintext
  }

  #take({ records, plaintext, failure }: TlsReport): Uint8Array {
    if (plaintext) this.#plaintext.push(plaintext)
    this.failure ??= failure
    return records ?? new Uint8Array(0)
  }
}

/** A client whose stream has TLS. */
export class SstpTlsClient extends SstpClient {
  readonly peer: TlsPeer
  /** Sizes of the records with plaintext that came from the gateway. */
  readonly recordBytes: number[] = []

  constructor(fixture: DatapathFixture, { server, peer }: TlsPair, options?: Partial<SstpClientOptions>) {
    super(fixture, options)
    this.peer = peer
    fixture.datapath.attachTls(this.stream, server)
  }

  override input(...pieces: readonly Uint8Array[]): void {
    this.inputRecords(this.peer.write(new Uint8Array(Buffer.concat(pieces))))
  }

  inputRecords(records: Uint8Array): void {
    this.fixture.datapath.streamInput(this.stream, records)
  }

  /** All that the stream has to write, which the peer has read. */
  override takeBytes(): Uint8Array {
    const records = super.takeBytes()
    this.recordBytes.push(...dataRecords(records))
    this.peer.input(records)
    return this.peer.read()
  }
}

/** A datapath with a TUN device, and a client behind TLS whose flow is open. */
export async function connectSstpTls(
  fixture: DatapathFixture,
  form: TlsForm = TLS_1_3,
  options?: Partial<SstpClientOptions>,
): Promise<{ gateway: Gateway; client: SstpTlsClient }> {
  const gateway = await openGateway(fixture)
  const client = new SstpTlsClient(fixture, await openTlsPair(form), options)
  client.openFlow()
  return { gateway, client }
}

/** Sizes of the records of application data. Errors: throws when records are cut. */
function dataRecords(bytes: Uint8Array): number[] {
  const sizes: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number)
    if (at + 5 + length > bytes.length) throw new Error('a record runs past the end')
    if (bytes[at] === 23) sizes.push(length)
    at += 5 + length
  }
  return sizes
}

interface Credentials {
  readonly certificateChain: string
  readonly privateKey: string
}

let issued: Promise<Credentials> | undefined

/** A server's certificate under a root; the same for all tests. */
function credentials(): Promise<Credentials> {
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
