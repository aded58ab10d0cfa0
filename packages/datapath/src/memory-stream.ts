import { concatBytes } from '@causeway/wire'
import type { StreamOptions, StreamTls, StreamTlsStep } from './datapath.ts'
import type { FlowId, StreamId } from './ids.ts'
import { MemoryEventPace } from './memory-event-pace.ts'
import { FrameReader, OPENVPN_FRAMING, type StreamFraming } from './memory-framing.ts'
import { SSTP_FRAMING } from './memory-sstp-packet.ts'

const FRAMINGS: Readonly<Record<StreamOptions['framing'], StreamFraming>> = {
  openvpn: OPENVPN_FRAMING,
  sstp: SSTP_FRAMING,
}
/** Bytes waiting to be taken past which data packets are dropped. Ours. */
export const STREAM_OUTPUT_LIMIT = 262_144
/** Bytes of control packets of SSTP waiting to be taken past which more are dropped. Ours. */
const SSTP_CONTROL_LIMIT = 65_536
/** Control packets of SSTP that come up: so many at once, and then one in so many milliseconds. Ours. */
const SSTP_CONTROL_PACE = { interval: 20, burst: 128 }
/** Plaintext of one TLS record (RFC 8446 §5.1). */
const RECORD_BYTES = 16_384
/** `@causeway/control-tls`'s words for a close_notify. */
const CLOSED_BY_PEER = 'the peer closed the TLS connection'

/** What a chunk brought. */
export interface StreamInput {
  /** Whether something came that is the peer's: of TLS, plaintext. */
  readonly alive: boolean
  readonly packets: readonly Uint8Array[]
  /** Why the stream is dead from now on. */
  readonly end?: StreamEnd
}

export type StreamEnd =
  | { readonly type: 'stream-fault'; readonly reason: string }
  | { readonly type: 'stream-ended' }

/** One byte stream: takes its framing apart, gathers what is to be written, and puts TLS around it. */
export class MemoryStream {
  readonly id: StreamId
  readonly framing: StreamOptions['framing']
  /** The flow whose packets this stream carries, once there is one. */
  flow: FlowId | undefined
  readonly #codec: StreamFraming
  readonly #reader: FrameReader
  readonly #recordPerPacket: boolean
  #tls: StreamTls | undefined
  #dead = false
  #ended = false
  /** Frames to be written, not yet in records. */
  #frames: Uint8Array[] = []
  /** What is to be written before them: records. */
  #records: Uint8Array[] = []
  #waitingBytes = 0
  #waitingControl = 0
  readonly #pace = new MemoryEventPace(SSTP_CONTROL_PACE.interval, SSTP_CONTROL_PACE.burst)
  /** Nothing has been announced since the taker was last told that there is nothing. */
  #idle = true

  constructor(id: StreamId, options: StreamOptions) {
    this.id = id
    this.framing = options.framing
    this.#codec = FRAMINGS[options.framing]
    this.#reader = new FrameReader(this.#codec)
    this.#recordPerPacket = options.recordPerPacket ?? false
  }

  /** Whether TLS can be put around it: it has none, and nothing waits to be written without. */
  takesTls(): boolean {
    return this.framing === 'sstp' && this.#tls === undefined && !this.#hasOutput()
  }

  attachTls(tls: StreamTls): void {
    this.#tls = tls
  }

  /** A dead stream takes everything and gives nothing. */
  input(chunk: Uint8Array): StreamInput {
    if (this.#dead) return { alive: false, packets: [] }
    const step = this.#tls ? this.#tls.input(chunk) : { plaintext: chunk }
    this.#putRecords(step)
    const { packets, fault } = this.#reader.read(step.plaintext ?? new Uint8Array(0))
    const end = fault ? ({ type: 'stream-fault', reason: fault } as const) : endOf(step)
    if (end) this.#dead = true
    return { alive: (step.plaintext?.length ?? 0) > 0, packets, ...(end && { end }) }
  }

  /** Whether a data packet may be put: the stream lives, and what waits has not passed its limit. */
  acceptsData(): boolean {
    return !this.#dead && !this.#ended && this.#waitingBytes < STREAM_OUTPUT_LIMIT
  }

  /** Whether one more control packet may come up. Peers of OpenVPN repeat what is lost, so that the queue is enough. */
  admitsControl(now: number): boolean {
    return this.framing !== 'sstp' || this.#pace.admits(now)
  }

  /**
   * Queues a control packet. OpenVPN's engine bounds their amount; SSTP's answers whatever the peer sends, so that
   * here they are dropped past a limit.
   */
  putControl(packet: Uint8Array): void {
    if (this.framing === 'sstp' && this.#waitingControl + packet.length > SSTP_CONTROL_LIMIT) return
    this.#waitingControl += packet.length
    this.put(packet)
  }

  /** Queues a packet in its frame. A stream that is dead or ended takes nothing. */
  put(packet: Uint8Array): void {
    if (this.#dead || this.#ended) return
    const frame = this.#codec.frame(packet)
    this.#frames.push(frame)
    this.#waitingBytes += frame.length
  }

  /** Nothing follows what waits. Gives the end of the stream when TLS has failed over it. */
  end(): StreamEnd | undefined {
    if (this.#dead || this.#ended) return undefined
    this.#ended = true
    const failed = this.#seal()
    if (failed || !this.#tls) return failed
    const step = this.#tls.end()
    this.#putRecords(step)
    return this.#die(endOf(step))
  }

  /** Whether the taker is to be told now; `true` once for each time it found nothing. */
  announce(): boolean {
    if (!this.#idle || !this.#hasOutput()) return false
    this.#idle = false
    return true
  }

  /** All that waits, as one buffer, and the end of the stream when TLS has failed over it. */
  take(): { readonly bytes: Uint8Array | undefined; readonly end: StreamEnd | undefined } {
    const end = this.#seal()
    const waiting = [...this.#records, ...this.#frames]
    this.#records = []
    this.#frames = []
    this.#waitingBytes = 0
    this.#waitingControl = 0
    if (waiting.length === 0) this.#idle = true
    return { bytes: waiting.length === 0 ? undefined : concatBytes(waiting), end }
  }

  /** The stream is gone: its TLS connection goes with it. */
  close(): void {
    this.#dead = true
    this.#tls?.close()
  }

  /** Makes records of the frames that wait, if there is TLS. */
  #seal(): StreamEnd | undefined {
    const tls = this.#tls
    if (!tls) return undefined
    const plaintexts = this.#recordPerPacket ? this.#frames : gathered(this.#frames, RECORD_BYTES)
    this.#frames = []
    for (const plaintext of plaintexts) {
      const step = tls.write(plaintext)
      this.#putRecords(step)
      const end = this.#die(endOf(step))
      if (end) return end
    }
    return undefined
  }

  #putRecords({ records }: StreamTlsStep): void {
    if (!this.#tls || !records) return
    this.#records.push(records)
  }

  #die(end: StreamEnd | undefined): StreamEnd | undefined {
    if (end) this.#dead = true
    return end
  }

  #hasOutput(): boolean {
    return this.#records.length + this.#frames.length > 0
  }
}

function endOf({ failure }: StreamTlsStep): StreamEnd | undefined {
  if (failure === undefined) return undefined
  return failure === CLOSED_BY_PEER
    ? { type: 'stream-ended' }
    : { type: 'stream-fault', reason: `TLS: ${failure}` }
}

/** Whole frames put together, as many as have at most so many bytes. */
function gathered(frames: readonly Uint8Array[], most: number): Uint8Array[] {
  const groups: Uint8Array[][] = []
  let room = 0
  for (const frame of frames) {
    if (frame.length > room) {
      groups.push([])
      room = most
    }
    groups.at(-1)?.push(frame)
    room -= frame.length
  }
  return groups.map(group => concatBytes(group))
}
