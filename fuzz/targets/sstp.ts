import {
  readSstpAnswer,
  readSstpOpening,
  sstpOpeningAnswer,
  sstpRefusal,
  writeSstpOpening,
} from '@causeway/sstp'
import { WireFault } from '@causeway/wire'
import type { SstpMessage } from '../../packages/sstp/src/wire/message.ts'
import { parseSstpPacket, writeControlPacket, writeDataPacket } from '../../packages/sstp/src/wire/packet.ts'
import { type FuzzTarget, requireSame, textSeeds } from '../target.ts'

const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0x41)
const status = (attribute: number, code: number) => ({ attribute, status: code, value: filled(2) })

const MESSAGES: readonly SstpMessage[] = [
  { type: 'call-connect-request', protocol: 1 },
  { type: 'call-connect-ack', request: { hashProtocols: 3, nonce: filled(32) } },
  { type: 'call-connect-nak', statuses: [status(1, 4), status(2, 10)] },
  {
    type: 'call-connected',
    binding: { hashProtocol: 2, nonce: filled(32), certificateHash: filled(32), compoundMac: filled(32) },
  },
  { type: 'call-abort', status: status(2, 7) },
  { type: 'call-disconnect', status: status(0, 0) },
  { type: 'call-disconnect-ack' },
  { type: 'echo-request' },
  { type: 'echo-response' },
]

/** Reads what it writes of what it reads; reserved bits may differ, and so may statuses past the eighth. */
const packets: FuzzTarget = {
  name: 'sstp-packets',
  seeds: () => [
    ...MESSAGES.map(writeControlPacket),
    writeDataPacket(Uint8Array.of(0xff, 3, 0xc0, 0x21, 1, 1, 0, 4)),
    // An unacceptable request: another protocol, twice, an unknown attribute.
    Uint8Array.from([0x10, 1, 0, 24, 0, 1, 0, 3, 0, 1, 0, 6, 0, 2, 0, 1, 0, 6, 0, 1, 0, 9, 0, 4]),
  ],
  run: input => {
    const packet = parseSstpPacket(input)
    if (packet instanceof WireFault) return
    if (packet.type === 'data') {
      requireSame(parseSstpPacket(writeDataPacket(packet.frame)), packet, 'a frame read again')
      return
    }
    const { message } = packet
    if (message.type !== 'invalid') {
      requireSame(parseSstpPacket(writeControlPacket(message)), packet, 'a message read again')
      return
    }
    const isToldOf = message.statuses.length > 0 && message.statuses.length <= 8
    if (!isToldOf) throw new Error(`${message.statuses.length} statuses for what is invalid`)
    const nak = writeControlPacket({ type: 'call-connect-nak', statuses: message.statuses })
    if (parseSstpPacket(nak) instanceof WireFault) throw new Error('a status that cannot be read')
  },
}

/** What is read of a stream's beginning does not depend on what comes behind it, and needs all of it. */
function opening(
  name: string,
  read: (bytes: Uint8Array) => { readonly type: string; readonly length?: number },
  seeds: () => Uint8Array[],
): FuzzTarget {
  return {
    name,
    seeds,
    run: input => {
      const whole = read(input)
      if (whole.type === 'incomplete' && input.length >= 8_192) throw new Error('incomplete without an end')
      const { length } = whole
      if (length === undefined) return
      if (length > input.length) throw new Error('longer than what was read')
      requireSame(read(input.subarray(0, length)), whole, 'the head alone')
      requireSame(read(input.subarray(0, length - 1)), { type: 'incomplete' }, 'the head without its end')
    },
  }
}

const PATH = '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/'

export const sstp: readonly FuzzTarget[] = [
  packets,
  opening('sstp-openings', readSstpOpening, () => [
    writeSstpOpening('vpn.example.test', '{5B0A8E3B-9A2E-4C39-AE3D-F6B4D1F0A001}'),
    ...textSeeds([
      `SSTP_DUPLEX_POST ${PATH}?tenantid=a HTTP/1.1\nHost: a\nX:\n\n\x10`,
      `SSTP_DUPLEX_POST ${PATH} HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n`,
      'GET / HTTP/1.1\r\n\r\n',
    ]),
  ]),
  opening('sstp-answers', readSstpAnswer, () => [
    sstpOpeningAnswer('Thu, 09 Nov 2006 00:51:09 GMT'),
    sstpRefusal(503, 'All 128 SSTP connections are taken.'),
  ]),
]
