import type { CryptoPort } from '@causeway/crypto'
import { asciiBytes, concatBytes, sameBytes, Writer } from '@causeway/wire'
import type { TlsEstablished } from '../command.ts'

/** What came of records from the peer. */
export type FakeTlsResult =
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  | { readonly type: 'established'; readonly established: TlsEstablished }
  | { readonly type: 'plaintext'; readonly bytes: Uint8Array }
  | { readonly type: 'failed'; readonly reason: string }

const HANDSHAKE = 0x16
const DATA = 0x17
const RECORD_HEADER = 3
const MOST_PLAINTEXT = 16_384
const HASH_BYTES = 32
const RANDOM_BYTES = 32
/** Filler, so that flights span several control packets as real ones do. */
const HELLO_FILLER = 250
const CHAIN_FILLER = 1800

/**
 * A stand-in for TLS in tests: two flights and a finish, then records. It hides nothing, but it
 * notices every changed, lost or repeated byte, and both ends export the same keys. Not secure.
 */
export class FakeTls {
  readonly #crypto: CryptoPort
  readonly #role: 'client' | 'server'
  readonly #certificate: Uint8Array
  #transcript: Uint8Array
  #pending: Uint8Array = new Uint8Array()
  #peerChain: readonly Uint8Array[] = []
  #state: 'opening' | 'established' | 'failed' = 'opening'
  #secret: Uint8Array = new Uint8Array()
  #sent = 0
  #received = 0

  /** `certificate`: shown to the peer as its chain of one. */
  constructor(crypto: CryptoPort, role: 'client' | 'server', certificate: Uint8Array) {
    this.#crypto = crypto
    this.#role = role
    this.#certificate = certificate
    this.#transcript = new Uint8Array()
  }

  /** What the role sends before it has heard anything. */
  start(): FakeTlsResult[] {
    if (this.#role === 'server') return []
    return [this.#handshake(concatBytes([this.#crypto.random(RANDOM_BYTES), new Uint8Array(HELLO_FILLER)]))]
  }

  /** Takes records in, cut anywhere. */
  input(bytes: Uint8Array): FakeTlsResult[] {
    this.#pending = concatBytes([this.#pending, bytes])
    const results: FakeTlsResult[] = []
    while (this.#state !== 'failed' && this.#pending.length >= RECORD_HEADER) {
      const [type, high, low] = this.#pending as unknown as [number, number, number]
      const end = RECORD_HEADER + ((high << 8) | low)
      if (type !== HANDSHAKE && type !== DATA) return [...results, this.#fail('unknown record')]
      if (this.#pending.length < end) break
      const body = this.#pending.slice(RECORD_HEADER, end)
      this.#pending = this.#pending.slice(end)
      results.push(...(type === HANDSHAKE ? this.#handleHandshake(body) : this.#handleData(body)))
    }
    return results
  }

  /** Records of plaintext. */
  write(plaintext: Uint8Array): Uint8Array {
    const records: Uint8Array[] = []
    for (let at = 0; at < plaintext.length; at += MOST_PLAINTEXT - HASH_BYTES) {
      const part = plaintext.subarray(at, at + MOST_PLAINTEXT - HASH_BYTES)
      records.push(record(DATA, concatBytes([this.#tag(this.#role, this.#sent++, part), part])))
    }
    return concatBytes(records)
  }

  #handleHandshake(body: Uint8Array): FakeTlsResult[] {
    if (this.#state !== 'opening') return [this.#fail('unexpected handshake')]
    if (this.#role === 'server' && this.#transcript.length === 0) return this.#answerHello(body)
    const check = body.subarray(body.length - HASH_BYTES)
    const content = body.subarray(0, body.length - HASH_BYTES)
    if (!sameBytes(check, this.#checksum(content))) return [this.#fail('handshake changed on its way')]
    this.#transcript = concatBytes([this.#transcript, body])
    this.#peerChain = [content.slice(RANDOM_BYTES + CHAIN_FILLER)]
    const finished = this.#role === 'client' ? [this.#handshakeWithChain()] : []
    return [...finished, this.#establish()]
  }

  #answerHello(body: Uint8Array): FakeTlsResult[] {
    this.#transcript = concatBytes([this.#transcript, body])
    return [this.#handshakeWithChain()]
  }

  #handshakeWithChain(): FakeTlsResult {
    const filler = new Uint8Array(CHAIN_FILLER)
    const content = concatBytes([this.#crypto.random(RANDOM_BYTES), filler, this.#certificate])
    return this.#handshake(concatBytes([content, this.#checksum(content)]))
  }

  #handshake(body: Uint8Array): FakeTlsResult {
    this.#transcript = concatBytes([this.#transcript, body])
    return { type: 'output', bytes: record(HANDSHAKE, body) }
  }

  #checksum(content: Uint8Array): Uint8Array {
    return this.#crypto.hash('SHA256', [this.#transcript, content])
  }

  #establish(): FakeTlsResult {
    this.#state = 'established'
    this.#secret = this.#crypto.hash('SHA256', [this.#transcript])
    const established: TlsEstablished = {
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      peerChain: this.#peerChain,
      dataKeyExport: this.#export('EXPORTER-OpenVPN-datakeys'),
      dynamicTlsCryptExport: this.#export('EXPORTER-OpenVPN-dynamic-tls-crypt'),
    }
    return { type: 'established', established }
  }

  #export(label: string): Uint8Array {
    const blocks = [0, 1, 2, 3].map(i =>
      this.#crypto.hmac('SHA512', this.#secret, [asciiBytes(label), Uint8Array.of(i)]),
    )
    return concatBytes(blocks)
  }

  #handleData(body: Uint8Array): FakeTlsResult[] {
    if (this.#state !== 'established' || body.length < HASH_BYTES) return [this.#fail('unexpected data')]
    const plaintext = body.slice(HASH_BYTES)
    const peer = this.#role === 'client' ? 'server' : 'client'
    const expected = this.#tag(peer, this.#received++, plaintext)
    if (!sameBytes(expected, body.subarray(0, HASH_BYTES))) return [this.#fail('bad record')]
    return [{ type: 'plaintext', bytes: plaintext }]
  }

  #tag(sender: string, sequence: number, plaintext: Uint8Array): Uint8Array {
    return this.#crypto.hmac('SHA256', this.#secret, [asciiBytes(`${sender} ${sequence} `), plaintext])
  }

  #fail(reason: string): FakeTlsResult {
    this.#state = 'failed'
    return { type: 'failed', reason }
  }
}

function record(type: number, body: Uint8Array): Uint8Array {
  return new Writer(RECORD_HEADER + body.length).u8(type).u16(body.length).bytes(body).finish()
}
