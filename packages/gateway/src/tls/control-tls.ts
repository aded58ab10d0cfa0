import { connect, type SecureContext, TLSSocket } from 'node:tls'
import type { TlsEstablished } from '@causeway/openvpn'
import { RecordPipe } from './record-pipe.ts'
import type { OpenTls, TlsConnection, TlsObserver } from './tls-connection.ts'
import { tlsFailureReason } from './tls-failure.ts'
import { EXPORT_BYTES, PEER_CHAIN_LENGTH, TLS_BUFFER_BYTES } from './tls-limits.ts'

/**
 * TLS of OpenVPN's control channel in the server role. The client's certificate is asked for and
 * handed up unjudged: the engine asks for its validation before anything in it is acted on.
 */
export function serverTls(secureContext: SecureContext): OpenTls {
  return observer =>
    new ControlTls(observer, 'secure', pipe => {
      return new TLSSocket(pipe, {
        isServer: true,
        secureContext,
        requestCert: true,
        rejectUnauthorized: false,
      })
    })
}

/** The same in the client role. The server's certificate, too, is handed up unjudged. */
export function clientTls(secureContext: SecureContext): OpenTls {
  return observer =>
    new ControlTls(observer, 'secureConnect', pipe =>
      connect({ socket: pipe, secureContext, rejectUnauthorized: false }),
    )
}

class ControlTls implements TlsConnection {
  readonly #observer: TlsObserver
  readonly #pipe: RecordPipe
  readonly #socket: TLSSocket
  #closed = false

  constructor(
    observer: TlsObserver,
    established: 'secure' | 'secureConnect',
    open: (pipe: RecordPipe) => TLSSocket,
  ) {
    this.#observer = observer
    this.#pipe = new RecordPipe(records => {
      if (!this.#closed) observer.output(records)
    })
    this.#socket = open(this.#pipe)
    this.#socket.once(established, () => this.#established())
    this.#socket.on('data', (bytes: Buffer) => {
      if (!this.#closed) observer.plaintext(bytes)
    })
    this.#socket.on('error', error => this.#fail(tlsFailureReason(error)))
    this.#socket.once('end', () => this.#fail('the peer closed the TLS connection'))
  }

  input(records: Uint8Array): void {
    if (this.#closed) return
    if (!this.#pipe.deliver(records)) this.#fail('the peer sends more than TLS can take')
  }

  write(plaintext: Uint8Array): void {
    if (this.#closed) return
    if (this.#socket.writableLength > TLS_BUFFER_BYTES) this.#fail('the peer does not read')
    else this.#socket.write(plaintext)
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #established(): void {
    if (!this.#closed) this.#observer.established(describe(this.#socket))
  }

  #fail(reason: string): void {
    if (this.#closed) return
    this.close()
    this.#observer.failed(reason)
  }
}

function describe(socket: TLSSocket): TlsEstablished {
  const cipher = socket.getCipher()
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: cipher.standardName ?? cipher.name,
    peerChain: peerChain(socket),
    dataKeyExport: exported(socket, 'EXPORTER-OpenVPN-datakeys'),
    dynamicTlsCryptExport: exported(socket, 'EXPORTER-OpenVPN-dynamic-tls-crypt'),
  }
}

/** RFC 5705 without a context value, which is not the same as an empty one. */
function exported(socket: TLSSocket, label: string): Uint8Array {
  const material = socket.exportKeyingMaterial as (length: number, label: string) => Buffer
  return material.call(socket, EXPORT_BYTES, label)
}

/**
 * The chain as the peer sent it, leaf first. (`issuerCertificate` of a certificate taken from a TLS
 * socket is the next one that was sent, whoever issued it.)
 */
function peerChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate && chain.length < PEER_CHAIN_LENGTH) {
    chain.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  return chain
}
