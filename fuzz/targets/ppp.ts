import { WireFault } from '@causeway/wire'
import {
  parseChapChallenge,
  parseChapResponse,
  writeChapChallenge,
  writeChapResponse,
} from '../../packages/ppp/src/wire/chap-packet.ts'
import { parseControlPacket, writeControlPacket } from '../../packages/ppp/src/wire/control-packet.ts'
import { parseFrame, writeFrame } from '../../packages/ppp/src/wire/frame.ts'
import { parseOptions, writeOptions } from '../../packages/ppp/src/wire/option.ts'
import {
  parsePapCredentials,
  parsePapMessage,
  writePapCredentials,
  writePapMessage,
} from '../../packages/ppp/src/wire/pap-packet.ts'
import { type FuzzTarget, requireSame } from '../target.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** What a Windows client asks of LCP and IPCP, and what else a conversation has. */
const PACKETS = [
  '01 00 0037 0104 05dc 0506 4a5b6c7d 0702 0802 0d03 06 1104 064e 1317 01 0102030405060708090a0b0c0d0e0f1011121314',
  '01 05 0022 0306 00000000 8106 00000000 8206 00000000 8306 00000000 8406 00000000',
  '0c 01 0012 11223344 4d535241535635 2e3230',
  '01 07 000e 010a 0000000000000005',
  '08 02 0010 80fd 0101000a 120601000020',
].map(hex)

const CHALLENGE = hex(`10 ${'09'.repeat(16)} 6777`)
const RESPONSE = hex(`31 ${'07'.repeat(16)} ${'00'.repeat(8)} ${'5a'.repeat(24)} 00 616c696365`)
const CREDENTIALS = hex('05 616c696365 04 70617373')

/** Reads again what it writes of what it has read. */
function again<T>(
  name: string,
  seeds: readonly Uint8Array[],
  parse: (input: Uint8Array) => T | WireFault,
  write: (value: T) => Uint8Array,
): FuzzTarget {
  return {
    name,
    seeds: () => seeds,
    run: input => {
      const value = parse(input)
      if (value instanceof WireFault) return
      requireSame(parse(write(value)), value, 'what was read, written and read again')
    },
  }
}

export const pppPackets: readonly FuzzTarget[] = [
  again(
    'ppp-frames',
    PACKETS.flatMap(packet => [hex('ff03 c021'), hex('8021'), hex('21')].map(head => joined(head, packet))),
    parseFrame,
    writeFrame,
  ),
  again('ppp-control-packets', PACKETS, parseControlPacket, writeControlPacket),
  again(
    'ppp-options',
    PACKETS.map(packet => packet.subarray(4)),
    parseOptions,
    writeOptions,
  ),
  again('ppp-chap-challenges', [CHALLENGE], parseChapChallenge, writeChapChallenge),
  again('ppp-chap-responses', [RESPONSE], parseChapResponse, writeChapResponse),
  again('ppp-pap-credentials', [CREDENTIALS], parsePapCredentials, writePapCredentials),
  again('ppp-pap-messages', [hex('02 6f6b'), hex('')], parsePapMessage, writePapMessage),
]

function joined(head: Uint8Array, packet: Uint8Array): Uint8Array {
  return Uint8Array.from([...head, ...packet])
}
