/** One packet of a pcap stream. */
export interface CapturedFrame {
  /** Since 1970. */
  readonly microseconds: bigint
  /** With its SLL2 header. Only for the time of the call. */
  readonly bytes: Uint8Array
  /** What it had before it was cut. */
  readonly originalLength: number
  /** The kernel's number of the device that it was seen on. */
  readonly device: number
}

/** Bytes of the header that Linux gives to a packet of any device (LINKTYPE_LINUX_SLL2). */
export const SLL2_BYTES = 20

const SLL2_LINK_TYPE = 276
const SLL2_DEVICE_AT = 4
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
/** Of a pcap file with microseconds, in the byte order of the machine that wrote it. */
const MAGIC = 0xa1b2c3d4
/** libpcap's own limit of one record. */
const RECORD_LIMIT = 262_144

/** Reads what `tcpdump -y LINUX_SLL2 -w -` writes, in whatever pieces it comes. Errors: `RangeError` when it is none of that. */
export class PcapRecords {
  #waiting: Uint8Array = new Uint8Array()
  #isLittleEndian = true
  #begun = false

  /** The packets that are complete with this piece. */
  read(piece: Uint8Array): CapturedFrame[] {
    const bytes = this.#waiting.length === 0 ? piece : Buffer.concat([this.#waiting, piece])
    const frames: CapturedFrame[] = []
    let at = this.#begun ? 0 : this.#readFileHeader(bytes)
    while (this.#begun) {
      const frame = this.#readFrame(bytes.subarray(at))
      if (!frame) break
      frames.push(frame)
      at += RECORD_HEADER_BYTES + frame.bytes.length
    }
    this.#waiting = Uint8Array.from(bytes.subarray(at))
    return frames
  }

  /** Where the records begin; 0: not there yet. */
  #readFileHeader(bytes: Uint8Array): number {
    if (bytes.length < FILE_HEADER_BYTES) return 0
    const view = viewOf(bytes)
    this.#isLittleEndian = view.getUint32(0, true) === MAGIC
    const magic = view.getUint32(0, this.#isLittleEndian)
    const linkType = view.getUint32(20, this.#isLittleEndian)
    if (magic !== MAGIC || linkType !== SLL2_LINK_TYPE) throw new RangeError('not a capture of any device')
    this.#begun = true
    return FILE_HEADER_BYTES
  }

  /** The record that these bytes begin with; `undefined`: it is not complete. */
  #readFrame(bytes: Uint8Array): CapturedFrame | undefined {
    if (bytes.length < RECORD_HEADER_BYTES) return undefined
    const view = viewOf(bytes)
    const field = (offset: number): number => view.getUint32(offset, this.#isLittleEndian)
    const captured = field(8)
    if (captured < SLL2_BYTES || captured > RECORD_LIMIT)
      throw new RangeError(`a packet of ${captured} bytes`)
    const end = RECORD_HEADER_BYTES + captured
    if (bytes.length < end) return undefined
    return {
      microseconds: BigInt(field(0)) * 1_000_000n + BigInt(field(4)),
      bytes: bytes.subarray(RECORD_HEADER_BYTES, end),
      originalLength: field(12),
      device: view.getUint32(RECORD_HEADER_BYTES + SLL2_DEVICE_AT),
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
