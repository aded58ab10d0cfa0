import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TlsConnection, TlsEstablished, TlsReport } from '@causeway/control-tls'
import type { Datapath } from '@causeway/datapath'
import { type CertificateHashes, readSstpAnswer, writeSstpOpening } from '@causeway/sstp'
import { concatBytes } from '@causeway/wire'
import { joinSstpStream, type StreamConnection } from '../listener/stream-connection.ts'
import { certificateHashes } from '../tls/control-context.ts'
import { connectTcp } from './client-transport.ts'
import type { SstpAccess } from './sstp-profile.ts'

/** A connection on which SSTP has been opened. */
export interface OpenedSstp {
  readonly connection: StreamConnection
  /** Of the server's certificate. */
  readonly certificate: CertificateHashes
  /** TLS suite. */
  readonly cipher: string
}

const OPENING_MILLISECONDS = 30_000

/**
 * Connects, agrees on TLS, judges the server, and opens SSTP by HTTP. Errors: the system's; `Error` with why
 * the server is not trusted, or what it answered.
 *
 * @param closed told once, when an opened connection is gone.
 */
export async function openSstp(
  access: SstpAccess,
  datapath: Datapath,
  closed: (connection: StreamConnection) => void,
): Promise<OpenedSstp> {
  const { profile } = access
  const socket = await connectTcp(profile.server)
  const { tls, established, plaintext } = await new Opening(socket, access).done
  const connection = joinSstpStream({
    socket,
    remote: profile.server,
    datapath,
    tls,
    answer: NOTHING,
    plaintext,
    closed,
    ...(profile.recordPerPacket && { recordPerPacket: true }),
  })
  return {
    connection,
    certificate: certificateHashes(established.peerChain[0] ?? NOTHING),
    cipher: established.cipher,
  }
}

const NOTHING = new Uint8Array(0)

interface Opened {
  readonly tls: TlsConnection
  readonly established: TlsEstablished
  /** What the server has sent after its answer. */
  readonly plaintext: Uint8Array
}

/** TLS and HTTP on a socket, until the first byte of SSTP. */
class Opening {
  readonly done: Promise<Opened>
  readonly #socket: Socket
  readonly #access: SstpAccess
  readonly #tls: TlsConnection
  readonly #timer: NodeJS.Timeout
  #settle: { readonly resolve: (opened: Opened) => void; readonly reject: (error: Error) => void } | undefined
  #established: TlsEstablished | undefined
  #plaintext: Uint8Array = NOTHING
  readonly #read = (chunk: Uint8Array): void => this.#handle(this.#tls.input(chunk))
  readonly #end = (): void => this.#fail(new Error('the server closed the connection'))

  constructor(socket: Socket, access: SstpAccess) {
    this.#socket = socket
    this.#access = access
    this.#tls = access.tls.open()
    this.#timer = setTimeout(() => this.#fail(new Error('the server does not answer')), OPENING_MILLISECONDS)
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    socket.on('data', this.#read)
    socket.on('close', this.#end)
    socket.on('error', error => this.#fail(error))
    this.#handle(this.#tls.start())
  }

  #handle({ records, established, plaintext, failure }: TlsReport): void {
    if (records) this.#socket.write(records)
    if (established) this.#accept(established)
    if (plaintext) this.#readAnswer(plaintext, failure === undefined)
    if (failure !== undefined) this.#fail(new Error(`TLS: ${failure}`))
  }

  #accept(established: TlsEstablished): void {
    const distrust = this.#access.judge(established.peerChain)
    if (distrust !== undefined) {
      this.#fail(new Error(distrust))
      return
    }
    this.#established = established
    const { serverName, recordPerPacket } = this.#access.profile
    this.#handle(this.#tls.write(writeSstpOpening(serverName, correlationIdOf(recordPerPacket))))
  }

  /** What has ended already carries no SSTP, but its refusal is worth reading. */
  #readAnswer(plaintext: Uint8Array, goesOn: boolean): void {
    if (!this.#established) return
    this.#plaintext = concatBytes([this.#plaintext, plaintext])
    const answer = readSstpAnswer(this.#plaintext)
    switch (answer.type) {
      case 'incomplete':
        return
      case 'accepted':
        if (goesOn) this.#succeed(this.#plaintext.slice(answer.length))
        return
      case 'refused':
      case 'fault':
        this.#fail(new Error(`the server opens no SSTP: ${answer.reason}`))
        return
      default:
        answer satisfies never
    }
  }

  #succeed(plaintext: Uint8Array): void {
    const established = this.#established
    if (!established) return
    this.#stopReading()
    this.#settle?.resolve({ tls: this.#tls, established, plaintext })
    this.#settle = undefined
  }

  #fail(error: Error): void {
    if (!this.#settle) return
    this.#stopReading()
    this.#tls.close()
    this.#socket.destroy()
    this.#settle.reject(error)
    this.#settle = undefined
  }

  #stopReading(): void {
    clearTimeout(this.#timer)
    this.#socket.off('data', this.#read)
    this.#socket.off('close', this.#end)
    this.#socket.pause()
  }
}

/** In upper case as Windows writes it; Causeway's server takes others for a client that reads one packet of a record. */
function correlationIdOf(recordPerPacket: boolean | undefined): string {
  const id = randomUUID()
  return `{${recordPerPacket ? id : id.toUpperCase()}}`
}
