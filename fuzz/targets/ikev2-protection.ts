import { createPermissiveCrypto } from '@causeway/crypto-node/seeded'
import {
  deriveIkeKeys,
  type IkeSuite,
  MessageProtection,
  type Payload,
  Reassembly,
  readIkeHeader,
} from '@causeway/ikev2'
import { WireFault } from '@causeway/wire'
import { type FuzzTarget, requireSame } from '../target.ts'
import { HEADER, PAYLOADS } from './ikev2-samples.ts'

const GCM: IkeSuite = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' }
const CBC: IkeSuite = {
  encryption: 'AES-CBC-256',
  integrity: 'HMAC-SHA256-128',
  prf: 'HMAC-SHA256',
  group: 'MODP-2048',
}

const FRAGMENTATION = { datagramBytes: 260, family: 4, encapsulated: false } as const

/** Both ends with the same keys in every run. No integrity check fails, so changes reach what is inside. */
function ends(suite: IkeSuite): { initiator: MessageProtection; responder: MessageProtection } {
  const crypto = createPermissiveCrypto('ikev2 protection')
  const inputs = {
    secret: new Uint8Array(32).fill(1),
    initiatorNonce: new Uint8Array(32).fill(2),
    responderNonce: new Uint8Array(32).fill(3),
  }
  const keys = deriveIkeKeys(crypto, suite, { ...HEADER, ...inputs })
  return {
    initiator: new MessageProtection(crypto, suite, keys, 'initiator'),
    responder: new MessageProtection(crypto, suite, keys, 'responder'),
  }
}

/** What was opened is the same when it is sealed and opened again. */
function sealed(name: string, suite: IkeSuite): FuzzTarget {
  return {
    name: `ikev2-sealed-${name}`,
    seeds: () => [
      ...ends(suite).initiator.seal(HEADER, PAYLOADS),
      ...PAYLOADS.flatMap(payload => ends(suite).initiator.seal(HEADER, [payload])),
    ],
    run: input => {
      const { initiator, responder } = ends(suite)
      const payloads = openMessage(responder, input)
      if (!payloads || hasUnknownAttribute(payloads)) return
      const [again] = initiator.seal(HEADER, payloads)
      requireSame(openMessage(responder, again ?? input), payloads, 'a message sealed again')
    },
  }
}

/** A run of datagrams, each behind its length in two bytes, for one reassembly. Its clock counts datagrams. */
const fragments: FuzzTarget = {
  name: 'ikev2-fragments',
  seeds: () =>
    [GCM, CBC].flatMap(suite => {
      const datagrams = ends(suite).initiator.seal(HEADER, PAYLOADS, FRAGMENTATION)
      return [joined(datagrams), joined(datagrams.reverse()), joined([...datagrams, ...datagrams])]
    }),
  run: input => {
    for (const suite of [GCM, CBC]) reassemble(ends(suite).responder, split(input))
  },
}

export const ikev2Protection: readonly FuzzTarget[] = [sealed('gcm', GCM), sealed('cbc', CBC), fragments]

function openMessage(protection: MessageProtection, datagram: Uint8Array): readonly Payload[] | undefined {
  const header = readIkeHeader(datagram)
  if (header instanceof WireFault) return undefined
  const opened = protection.open(header, datagram)
  return opened.type === 'message' ? opened.payloads : undefined
}

/** Such a transform is not written as it was read. */
function hasUnknownAttribute(payloads: readonly Payload[]): boolean {
  return payloads.some(
    payload =>
      payload.type === 'SA' &&
      payload.proposals.some(({ transforms }) => transforms.some(one => one.unknownAttribute)),
  )
}

function reassemble(protection: MessageProtection, datagrams: readonly Uint8Array[]): void {
  const parts = new Reassembly()
  for (const [now, datagram] of datagrams.entries()) {
    const header = readIkeHeader(datagram)
    if (header instanceof WireFault) continue
    const opened = protection.open(header, datagram)
    if (opened.type !== 'fragment') continue
    const result = parts.add(opened.header, opened.fragment, now)
    if (result === 'incomplete' && parts.nextTimeout() === undefined)
      throw new Error('a fragment is held without an end')
    if (result !== 'incomplete' && result.type !== 'rejected' && parts.nextTimeout() !== undefined)
      throw new Error('a whole message is held on to')
  }
}

function joined(datagrams: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    datagrams.flatMap(datagram => [datagram.length >> 8, datagram.length & 0xff, ...datagram]),
  )
}

function split(input: Uint8Array): Uint8Array[] {
  const datagrams: Uint8Array[] = []
  for (let at = 0; at + 2 <= input.length; ) {
    const length = ((input[at] as number) << 8) | (input[at + 1] as number)
    datagrams.push(input.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return datagrams
}
