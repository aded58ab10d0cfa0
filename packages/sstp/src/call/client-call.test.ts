import { describe, expect, it } from 'vitest'
import { compoundMac, higherLayerKey } from '../binding/compound-mac.ts'
import {
  authenticated,
  Bench,
  CERTIFICATE,
  CLIENT_KEYS,
  crypto,
  IPV4_OPENED,
  LINK_OPENED,
} from '../testing/bench.suite.ts'
import type { SstpMessage } from '../wire/message.ts'

const client = (settings = {}) => new Bench('client', settings)
const ack = (hashProtocols: number): SstpMessage => ({
  type: 'call-connect-ack',
  request: { hashProtocols, nonce: new Uint8Array(32).fill(9) },
})
const NAK: SstpMessage = {
  type: 'call-connect-nak',
  statuses: [{ attribute: 1, status: 4, value: Uint8Array.of(0, 1) }],
}

describe('a call at the client', () => {
  it('is asked for, and bound once authentication has ended', () => {
    const bench = client().open().receive(ack(3))
    expect(bench.link.commands).toEqual([{ type: 'open' }])
    bench.linkSays(LINK_OPENED, authenticated(CLIENT_KEYS), IPV4_OPENED)
    expect(bench.story).toEqual([
      'call-connect-request',
      'authenticated',
      'call-connected',
      'bound',
      'open-flow',
      'ipv4-opened',
    ])
  })

  it.each([
    [3, undefined, 'SHA256', 2],
    [0xff, undefined, 'SHA256', 2],
    [1, undefined, 'SHA1', 1],
    [3, ['SHA1'], 'SHA1', 1],
  ] as const)('chooses of an offer of %i the strongest that it knows', (offer, hashes, hash, protocol) => {
    const bench = client(hashes ? { bindingHashes: hashes } : {})
      .open()
      .receive(ack(offer))
    bench.linkSays(LINK_OPENED, authenticated(CLIENT_KEYS))
    expect(bench.events.at(-1)).toMatchObject({ type: 'bound', hash })
    const message = bench.messages.at(-1)
    if (message?.type !== 'call-connected') throw new Error('not bound')
    expect(message.binding.hashProtocol).toBe(protocol)
    expect(message.binding.nonce).toEqual(new Uint8Array(32).fill(9))
    const field = hash === 'SHA1' ? CERTIFICATE.sha1 : CERTIFICATE.sha256
    expect(message.binding.certificateHash.subarray(0, field.length)).toEqual(field)
    const packets = bench.outputs.flatMap(output => (output.type === 'send' ? [output.packet] : []))
    const mac = compoundMac(crypto, hash, higherLayerKey('client', CLIENT_KEYS), packets.at(-1) as Uint8Array)
    expect(message.binding.compoundMac.subarray(0, mac.length)).toEqual(mac)
  })

  it.each([
    [0, undefined],
    [4, undefined],
    [2, ['SHA1']],
  ] as const)('is aborted on an offer of %i without a hash that it knows', (offer, hashes) => {
    const bench = client(hashes ? { bindingHashes: hashes } : {})
      .open()
      .receive(ack(offer))
    expect(bench.sent.at(-1)).toBe('call-abort 4 VALUE_NOT_SUPPORTED')
    expect(bench.links).toEqual([])
    expect(bench.wait(3_000).closed).toMatchObject({ refused: true })
  })

  it('is asked for again three times when the server does not accept it', () => {
    const bench = client().open().receive(NAK).receive(NAK).receive(NAK)
    expect(bench.sent).toEqual(Array(4).fill('call-connect-request'))
    bench.receive(NAK)
    expect(bench.sent.at(-1)).toBe('call-abort 2 RETRY_COUNT_EXCEEDED')
    expect(bench.wait(3_000).closed).toMatchObject({
      reason: 'the server does not accept the call: VALUE_NOT_SUPPORTED',
      byPeer: true,
      refused: false,
    })
  })

  it('does not begin PPP before the server has agreed', () => {
    const bench = client().open().frame(0xc0, 0x21)
    expect(bench.links).toEqual([])
    expect(bench.events).toMatchObject([{ type: 'dropped', reason: 'a PPP frame before the call' }])
  })
})
