import {
  HEADER_BYTES,
  PAYLOAD,
  type Payload,
  readIkeHeader,
  readPayloads,
  writeMessage,
  writePayloads,
} from '@causeway/ikev2'
import { WireFault } from '@causeway/wire'
import { type FuzzTarget, requireSame } from '../target.ts'
import { HEADER, PAYLOADS } from './ikev2-samples.ts'

/** Whole messages without protection: header and chain. */
const messages: FuzzTarget = {
  name: 'ikev2-messages',
  seeds: () => [writeMessage(HEADER, PAYLOADS), writeMessage({ ...HEADER, response: true }, [])],
  run: input => {
    const header = readIkeHeader(input)
    if (header instanceof WireFault || header.majorVersion !== 2) return
    const payloads = readPayloads(header.nextPayload, input.subarray(HEADER_BYTES))
    if ('type' in payloads) return
    const again = writeMessage(header, payloads)
    const read = readIkeHeader(again)
    if (read instanceof WireFault) throw new Error(`our own message: ${read}`)
    requireSame(readPayloads(read.nextPayload, again.subarray(HEADER_BYTES)), settled(payloads), 'payloads')
    requireSame({ ...read, nextPayload: 0 }, { ...header, nextPayload: 0 }, 'the header')
  },
}

/** The body of one payload; what is read comes back when it is written and read again. */
function payloadTarget(name: string, types: readonly Payload['type'][]): FuzzTarget {
  const [first] = types
  return {
    name: `ikev2-${name}`,
    seeds: () => PAYLOADS.filter(({ type }) => type === first).map(bodyOf),
    run: input => {
      for (const type of types) checkBody(PAYLOAD[type], input)
    },
  }
}

/** Every parser of a payload; types whose bodies look alike share a target. */
const TARGETS: Readonly<Record<string, readonly Payload['type'][]>> = {
  sa: ['SA'],
  'key-exchange': ['KE'],
  identification: ['IDi', 'IDr'],
  certificate: ['CERT', 'CERTREQ'],
  auth: ['AUTH'],
  nonce: ['NONCE', 'V'],
  notify: ['N'],
  delete: ['D'],
  selectors: ['TSi', 'TSr'],
  configuration: ['CP'],
  'eap-payload': ['EAP'],
}

export const ikev2Payloads: readonly FuzzTarget[] = [
  messages,
  ...Object.entries(TARGETS).map(([name, types]) => payloadTarget(name, types)),
]

function checkBody(number: number, body: Uint8Array): void {
  if (body.length > 0xffff - 4) return
  const length = body.length + 4
  const payloads = readPayloads(number, Uint8Array.of(0, 0, length >> 8, length & 0xff, ...body))
  if ('type' in payloads) return
  const { first, bytes } = writePayloads(payloads)
  requireSame(readPayloads(first, bytes), settled(payloads), 'a payload written and read again')
}

function bodyOf(payload: Payload): Uint8Array {
  return writePayloads([payload]).bytes.subarray(4)
}

/** Attributes that are not known are not kept: a transform that had one is written without. */
function settled(payloads: readonly Payload[]): readonly Payload[] {
  return payloads.map(payload => {
    if (payload.type !== 'SA') return payload
    const proposals = payload.proposals.map(proposal => ({
      ...proposal,
      transforms: proposal.transforms.map(({ unknownAttribute: _dropped, ...transform }) => transform),
    }))
    return { ...payload, proposals }
  })
}
