import type { StreamOptions, StreamTls } from './datapath.ts'
import { DatapathError } from './datapath-error.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { StreamId } from './ids.ts'
import type { MemoryFlow } from './memory-flow.ts'
import { MemoryStream, type StreamEnd } from './memory-stream.ts'

/** What streams need from the datapath around them. */
export interface StreamSurroundings {
  readonly raise: (event: DatapathEvent) => void
  /** A packet has come, as its framing has it. */
  readonly receive: (stream: MemoryStream, packet: Uint8Array) => void
  /** Something of the peer's has come, be it a packet or not. */
  readonly noticeReceived: (stream: MemoryStream) => void
}

/** The open streams, and what they tell. */
export class MemoryStreams {
  readonly #streams = new Map<StreamId, MemoryStream>()
  readonly #around: StreamSurroundings

  constructor(around: StreamSurroundings) {
    this.#around = around
  }

  open(id: StreamId, options: StreamOptions): void {
    this.#streams.set(id, new MemoryStream(id, options))
  }

  /** By id, for {@link ReadonlyMap} look-ups. */
  get byId(): ReadonlyMap<StreamId, MemoryStream> {
    return this.#streams
  }

  close(stream: MemoryStream): void {
    this.#streams.delete(stream.id)
    stream.close()
  }

  closeAll(): void {
    for (const stream of this.#streams.values()) this.close(stream)
  }

  /** Errors: `ERR_DATAPATH_PROTOCOL` when the stream cannot take TLS now. */
  attachTls(stream: MemoryStream, tls: StreamTls): void {
    if (!stream.takesTls())
      throw new DatapathError(
        'ERR_DATAPATH_PROTOCOL',
        `stream ${stream.id} takes no TLS: it has it, is not of SSTP, or something waits to be written`,
      )
    stream.attachTls(tls)
  }

  end(stream: MemoryStream): void {
    this.#tellEnd(stream, stream.end())
    this.#announce(stream)
  }

  input(stream: MemoryStream, chunk: Uint8Array): void {
    const { alive, packets, end } = stream.input(chunk)
    if (alive) this.#around.noticeReceived(stream)
    for (const packet of packets) this.#around.receive(stream, packet)
    this.#announce(stream)
    this.#tellEnd(stream, end)
  }

  putControl(stream: MemoryStream, packets: readonly Uint8Array[]): void {
    for (const packet of packets) stream.putControl(packet)
    this.#announce(stream)
  }

  putData(stream: MemoryStream, packet: Uint8Array): void {
    stream.put(packet)
    this.#announce(stream)
  }

  take(stream: MemoryStream): Uint8Array | undefined {
    const { bytes, end } = stream.take()
    this.#tellEnd(stream, end)
    return bytes
  }

  /** The flow's packets come and go by its path's stream, if it is one. */
  tie({ id, path }: MemoryFlow): void {
    const stream = path.type === 'stream' ? this.#streams.get(path.stream) : undefined
    if (stream) stream.flow = id
  }

  untie({ id, path }: MemoryFlow): void {
    const stream = path.type === 'stream' ? this.#streams.get(path.stream) : undefined
    if (stream?.flow === id) stream.flow = undefined
  }

  #announce(stream: MemoryStream): void {
    if (stream.announce()) this.#around.raise({ type: 'stream-output', stream: stream.id })
  }

  #tellEnd({ id }: MemoryStream, end: StreamEnd | undefined): void {
    if (end) this.#around.raise({ ...end, stream: id })
  }
}
