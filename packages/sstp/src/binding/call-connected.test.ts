import { createNodeCrypto } from '@causeway/crypto-node'
import { parseHex, WireFault } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { parseSstpPacket } from '../wire/packet.ts'
import { BINDING_HASHES, type BindingHash, strongestHash } from './binding-hash.ts'
import { bindingHolds, type ClaimedBinding, claimBinding, writeCallConnected } from './call-connected.ts'
import { compoundMac, higherLayerKey } from './compound-mac.ts'

const crypto = createNodeCrypto()
const hex = (text: string) => parseHex(text.replaceAll(/\s/g, '')) as Uint8Array
const NOTHING = new Uint8Array(0)

interface Example {
  readonly hash: BindingHash
  readonly keys: { readonly send: Uint8Array; readonly receive: Uint8Array }
  readonly nonce: Uint8Array
  readonly certificate: Uint8Array
  readonly mac: Uint8Array
}

/** The client's keys, nonce, certificate hash and MAC, as published. */
const examples: readonly (readonly [string, Example])[] = [
  [
    '[MS-SSTP] §4.7, SHA-256',
    {
      hash: 'SHA256',
      keys: {
        send: hex('2A1BB40D55AB0F5EF32F06F2B3CC73C4'),
        receive: hex('8FD3FAC41D7A1315A19228D9024CA164'),
      },
      nonce: hex('412B489AEBD7ECC7D08966F26BE7CD72B231A0E9210D7C91B308862B0344C435'),
      certificate: hex('7993EF314C493DACE9F02D60E7E61C84B6690AAFE9D7AEEA92CBBE8AD599422D'),
      mac: hex('52A68EFD8CFFBF52770B8F0FE8EC73716583AF6D611EB6D179B3B20840985449'),
    },
  ],
  [
    '[MS-SSTP] §4.7, SHA-1',
    {
      hash: 'SHA1',
      keys: {
        send: hex('4B3128F43925D9006EEFB1C4E86515A1'),
        receive: hex('D88E56BAB3CA2BDF0373B7F5A8A13B19'),
      },
      nonce: hex('0F1A2D58D4A3E3000FAD3CE4906E07B707AA9E441CCEAC5CBD7B2CC1C9D86CDF'),
      certificate: hex('5826B629BDA59B8E6FD8DCD2622FD34C534805A5'),
      mac: hex('69915DD583D8062FEF16F61DB2F03290EC27CB6C'),
    },
  ],
  [
    // Recorded by the author of sstp-client between Windows 8.1 and Windows Server 2019.
    'EAP-TLS of Windows, whose send key alone counts',
    {
      hash: 'SHA256',
      keys: {
        send: hex('bb2c17edbaa643b3d511eb9848792b7cab5f5d709fe9bdf89b5deaf5a8c17db7'),
        receive: hex('6db2817cdc55aa42c3a1ff3389be08e2effe8b2dc719074a43cfbb8acf7414ce'),
      },
      nonce: hex('388a1ecbf302ba02f9f372ce37488ec36b71a28b5e1b19fbe44d5465a631c463'),
      certificate: hex('7ff150176fa8e38a1f402d11ff89ff11b66505ad7f9ae81205277ba4a6b9ef9d'),
      mac: hex('fe6473c7d183914e483fea1b12a6e760a4da16b62fab12a0a1e54e0ec325b24e'),
    },
  ],
]

const hashesOf = ({ hash, certificate }: Example) => ({
  sha1: hash === 'SHA1' ? certificate : NOTHING,
  sha256: hash === 'SHA256' ? certificate : NOTHING,
})

function packetOf(example: Example): Uint8Array {
  const { hash, nonce, keys } = example
  const key = higherLayerKey('client', keys)
  return writeCallConnected(crypto, { hash, nonce, certificate: hashesOf(example), key })
}

const expectedOf = (example: Example) => ({
  hashes: BINDING_HASHES,
  nonce: example.nonce,
  certificate: hashesOf(example),
})

/** What a server makes of a packet. */
function claim(packet: Uint8Array, example: Example, hashes = BINDING_HASHES): ClaimedBinding | string {
  const parsed = parseSstpPacket(packet)
  if (parsed instanceof WireFault || parsed.type === 'data') throw new Error('not a control packet')
  if (parsed.message.type !== 'call-connected') throw new Error('not Call Connected')
  return claimBinding(crypto, parsed.message.binding, packet, { ...expectedOf(example), hashes })
}

function holds(packet: Uint8Array, example: Example): boolean {
  const claimed = claim(packet, example)
  if (typeof claimed === 'string') throw new Error(claimed)
  // The server's keys are the client's the other way round.
  const { send, receive } = example.keys
  return bindingHolds(crypto, claimed, { send: receive, receive: send })
}

function withBit(packet: Uint8Array, at: number): Uint8Array {
  const changed = packet.slice()
  changed[at] = (changed[at] as number) ^ 1
  return changed
}

describe.each(examples)('crypto binding: %s', (_, example) => {
  const packet = packetOf(example)
  const macBytes = example.mac.length

  it('has the compound MAC that was published', () => {
    const key = higherLayerKey('client', example.keys)
    expect(compoundMac(crypto, example.hash, key, packet)).toEqual(example.mac)
    expect(packet).toHaveLength(112)
    expect(packet.subarray(80, 80 + macBytes)).toEqual(example.mac)
  })

  it('holds at the server', () => expect(holds(packet, example)).toBe(true))

  it('does not hold with any bit of the MAC changed', () => {
    for (let at = 80; at < 80 + macBytes; at++) expect(holds(withBit(packet, at), example)).toBe(false)
  })

  it('does not hold with anything changed that the MAC covers', () => {
    for (const at of [1, 2, 8, 10, 12]) {
      // Reserved bits: ignored by whoever reads, but not by the MAC.
      const changed = packet.slice()
      changed[at] = (changed[at] as number) ^ 0x80
      expect(holds(changed, example)).toBe(false)
    }
  })

  it('does not hold with other keys, or none', () => {
    const claimed = claim(packet, example) as ClaimedBinding
    expect(bindingHolds(crypto, claimed, undefined)).toBe(false)
    expect(bindingHolds(crypto, claimed, example.keys)).toBe(false)
  })

  it('is refused with another nonce', () => {
    for (let at = 16; at < 48; at++) expect(claim(withBit(packet, at), example)).toBe('another nonce')
  })

  it('is refused with another certificate', () => {
    for (let at = 48; at < 48 + macBytes; at++) {
      expect(claim(withBit(packet, at), example)).toBe('another certificate')
    }
  })

  it('ignores padding', () => {
    const padded = packet.slice()
    padded.fill(0xff, 48 + macBytes, 80)
    padded.fill(0xff, 80 + macBytes)
    expect(holds(padded, example)).toBe(true)
  })

  it('is refused with a hash that was not offered, both, or none', () => {
    const changed = packet.slice()
    for (const choice of [0, 3, 4, 0x80]) {
      changed[15] = choice
      expect(claim(changed, example)).toBe('a hash that was not offered')
    }
    const other = BINDING_HASHES.filter(hash => hash !== example.hash)
    expect(claim(packet, example, other)).toBe('a hash that was not offered')
  })
})

/** Recorded between `sstpc` 1.0.18 with `pppd` 2.4.9 and a `pppd`, by EAP-TLS. */
const SHORT: Example = {
  hash: 'SHA256',
  keys: { send: hex('700d22601486bec8a631f10de6ea7eb2'), receive: hex('494a5a809a800ee5d06f2d56bbd72720') },
  nonce: hex('5d0cb7c53cfe7d817ab33c85dd0b35ec52fa526d4824db2f6ae45dcf8cfb37f2'),
  certificate: hex('7ac853d5edb8b2ace58ac4cdc3bade9b81561d17ced0997711363b48901e8d72'),
  mac: hex('b9b01669b869b8f96da403afbfb83806b82056c3ee0df75fbd196dd5859128df'),
}

describe('crypto binding: EAP-TLS of pppd 2.4.9, which keeps 16 bytes of each key', () => {
  const packet = packetOf(SHORT)
  const whole = (short: Uint8Array) => Uint8Array.from([...short, ...new Uint8Array(16).fill(7)])
  const { send, receive } = SHORT.keys
  const server = { send: whole(receive), receive: whole(send) }

  it('has the compound MAC that was recorded', () => expect(packet.subarray(80)).toEqual(SHORT.mac))

  it('holds at a server that knows the keys whole', () => {
    expect(bindingHolds(crypto, claim(packet, SHORT) as ClaimedBinding, server)).toBe(true)
  })

  it('does not hold with a bit changed, of the MAC or of either key', () => {
    for (let at = 80; at < 112; at++) {
      expect(bindingHolds(crypto, claim(withBit(packet, at), SHORT) as ClaimedBinding, server)).toBe(false)
    }
    for (const keys of [
      { ...server, send: withBit(server.send, 15) },
      { ...server, receive: withBit(server.receive, 15) },
    ]) {
      expect(bindingHolds(crypto, claim(packet, SHORT) as ClaimedBinding, keys)).toBe(false)
    }
  })
})

describe('the higher-layer key', () => {
  const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

  it('is the same at both ends', () => {
    for (const length of [8, 16, 32, 64]) {
      const [a, b] = [filled(length, 1), filled(length, 2)]
      const client = higherLayerKey('client', { send: a, receive: b })
      expect(higherLayerKey('server', { send: b, receive: a })).toEqual(client)
      expect(client).toHaveLength(32)
    }
  })

  it('has zeros where authentication gave none', () => {
    expect(higherLayerKey('client', undefined)).toEqual(new Uint8Array(32))
    const short = higherLayerKey('client', { send: filled(8, 1), receive: filled(8, 2) })
    expect(short).toEqual(Uint8Array.from([...filled(8, 1), ...filled(8, 2), ...new Uint8Array(16)]))
  })
})

describe('the hash of a binding', () => {
  it.each([
    [0, undefined],
    [1, 'SHA1'],
    [2, 'SHA256'],
    [3, 'SHA256'],
    [0xfc, undefined],
    [0xff, 'SHA256'],
  ])('of an offer of %i is %s', (bitmask, hash) => expect(strongestHash(bitmask, BINDING_HASHES)).toBe(hash))

  it('is one that the client has', () => {
    expect(strongestHash(3, ['SHA1'])).toBe('SHA1')
    expect(strongestHash(2, ['SHA1'])).toBeUndefined()
  })
})
